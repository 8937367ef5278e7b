"""What the three stores of AWS share: a client, made when it is first used, and its errors.

Region, credentials and endpoints come from where boto3 finds them (AWS_REGION too, which is Go's
name for the region).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.config
from botocore import exceptions

from bootstrapper.errors import Mistake, Unavailable

_PASSING = ("Throttling", "RequestLimitExceeded", "TooManyRequests", "InternalServerError",
            "InternalServiceError", "InternalFailure", "ServiceUnavailable",
            "ProvisionedThroughputExceeded", "RequestTimeout")  # fmt: skip
_SERVER_ERROR = 500


class Service:
    """`local` names a variable of confd's: where it is set the service is at this URL."""

    def __init__(self, name: str, local: tuple[str, str] = ("", "")) -> None:
        self._name = name
        self._local = local
        self._making = threading.Lock()
        self._client: Any = None

    @contextmanager
    def client(self) -> Iterator[Any]:
        """boto3's client; what it raises inside comes out as one of our errors."""
        try:
            yield self._made()
        except exceptions.ClientError as error:
            raise _translated(self._name, error) from error
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError,
                exceptions.NoRegionError, exceptions.ProfileNotFound) as error:  # fmt: skip
            raise Mistake(f"{self._name}: {error}") from error
        except (exceptions.BotoCoreError, OSError) as error:
            raise Unavailable(f"{self._name}: {error}") from error

    def _made(self) -> Any:
        with self._making:
            if self._client is None:
                variable, url = self._local
                self._client = boto3.session.Session().client(
                    self._name,
                    region_name=os.environ.get("AWS_REGION") or None,
                    endpoint_url=url if os.environ.get(variable) else None,
                    config=botocore.config.Config(
                        connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}
                    ),
                )
            return self._client


def _translated(name: str, error: Any) -> Mistake | Unavailable:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= _SERVER_ERROR or code.startswith(_PASSING):
        return Unavailable(f"{name}: {error}")
    return Mistake(f"{name}: {error}")
