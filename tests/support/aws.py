"""moto's server: the AWS services in this process, on a free loopback port."""

from typing import Any

import boto3
import urllib3
from moto.server import ThreadedMotoServer

from support.services import free_port

REGION = "eu-west-1"


class Aws:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "tests",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._server: Any = None

    def start(self) -> "Aws":
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()
        urllib3.request("POST", self.url + "/moto-api/reset")  # what earlier tests left behind
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def client(self, name: str) -> Any:
        return boto3.client(
            name, region_name=REGION, endpoint_url=self.url,
            aws_access_key_id="tests", aws_secret_access_key="tests",
        )  # fmt: skip
