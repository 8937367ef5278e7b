"""The state folder, made when a process starts: private, whoever makes it first."""

from bootstrapper.errors import Mistake
from bootstrapper.settings import Settings


def make_state_folder(settings: Settings, *below: str) -> None:
    """And the folders of these names in it."""
    for folder in (settings.state_dir, *(settings.state_dir / name for name in below)):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Mistake(f"{folder} cannot be made: {error.strerror}", field="state") from error
