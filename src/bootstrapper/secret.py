"""Read a secret from where the settings say it is found. Its value is for memory alone."""

import os
from pathlib import Path

from bootstrapper.errors import Mistake
from bootstrapper.settings import Secret, Settings


def read_secret(settings: Settings, name: str) -> str:
    return read_secret_value(f"secrets.{name}", settings.secrets[name])


def read_secret_value(place: str, secret: Secret) -> str:
    """Its text without the newline that ends a file; a Mistake names `place`, the setting."""
    if secret.env:
        value = os.environ.get(secret.env)
        if value is None:
            raise Mistake(f"{place}: ${secret.env} is not set")
        return value
    try:
        return secret_file(place, secret).read_text().removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Mistake(f"{place}: {error}") from error


def secret_file(place: str, secret: Secret) -> Path:
    if secret.file:
        return Path(secret.file)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        raise Mistake(f"{place}: systemd handed over no credentials")
    return Path(folder) / secret.credential
