"""The three stores of AWS, in moto's server; they keep nothing on disk."""

import os
from pathlib import Path
from typing import Any

from bootstrapper.templates.confd.config import Source
from support.aws import Aws
from templates.backends.world import World


class AwsWorld(World):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.aws = Aws()

    def source(self) -> Source:
        return Source(backend=self.name, table="confd")

    def start(self) -> None:
        self.aws.start()
        os.environ.update(self.aws.environ)

    def kill(self) -> None:
        self.aws.stop()


class SsmWorld(AwsWorld):
    name = "ssm"

    def put(self, key: str, value: str) -> None:
        self.aws.client("ssm").put_parameter(
            Name=key, Value=value, Type="SecureString", Overwrite=True
        )

    def delete(self, key: str) -> None:
        self.aws.client("ssm").delete_parameter(Name=key)


class DynamoWorld(AwsWorld):
    name = "dynamodb"
    by_text = True

    def start(self) -> None:
        super().start()
        client = self.aws.client("dynamodb")
        if "confd" not in client.list_tables()["TableNames"]:
            client.create_table(
                TableName="confd",
                AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def put(self, key: str, value: str) -> None:
        self.item(key, {"S": value})

    def item(self, key: str, value: dict[str, Any]) -> None:
        self.aws.client("dynamodb").put_item(
            TableName="confd", Item={"key": {"S": key}, "value": value}
        )

    def delete(self, key: str) -> None:
        self.aws.client("dynamodb").delete_item(TableName="confd", Key={"key": {"S": key}})


class SecretsWorld(AwsWorld):
    name = "secretsmanager"

    def put(self, key: str, value: str) -> None:
        client = self.aws.client("secretsmanager")
        try:
            client.create_secret(Name=key, SecretString=value)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=key, SecretString=value)

    def delete(self, key: str) -> None:
        self.aws.client("secretsmanager").delete_secret(
            SecretId=key, ForceDeleteWithoutRecovery=True
        )
