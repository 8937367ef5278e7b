"""The parameter store of AWS Systems Manager: parameters, decrypted, by their path."""

from collections.abc import Sequence

from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.aws import Service
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config

BATCH = 10
"""The most names that one call takes."""


class Parameters:
    watches = False

    def __init__(self) -> None:
        self._service = Service("ssm", local=("SSM_LOCAL", "http://localhost:8001"))

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        names = [key for key in dict.fromkeys(keys) if key != "/"]
        with self._service.client() as client:
            for start in range(0, len(names), BATCH):
                reply = client.get_parameters(
                    Names=names[start : start + BATCH], WithDecryption=True
                )
                found |= {each["Name"]: each["Value"] for each in reply["Parameters"]}
            pages = client.get_paginator("get_parameters_by_path")
            for key in dict.fromkeys(keys):
                for page in pages.paginate(Path=key, Recursive=True, WithDecryption=True):
                    found |= {each["Name"]: each["Value"] for each in page["Parameters"]}
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        return nothing_to_hear(since, stop)


def make(config: Config) -> Parameters:
    return Parameters()
