import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bootstrapper.errors import Error, Mistake, Refused, Unavailable
from bootstrapper.fleet.address import address_of, detected, interface_addresses
from support.http_server import Answer, HttpServer, Request
from support.services import free_port, need

TOKEN = "a-token-of-this-test"


class Ec2(HttpServer):
    """The metadata service as it is documented: a token by PUT, and no answer without it."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.status = 200
        super().__init__(self._say)

    def _say(self, asked: Request) -> Answer:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if self.status != 200:
            return Answer(self.status)
        if asked.method == "PUT" and asked.path == "/latest/api/token":
            fine = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "").isdigit()
            return Answer(200, TOKEN.encode()) if fine else Answer(400)
        if headers.get("x-aws-ec2-metadata-token") != TOKEN:
            return Answer(401)
        name = asked.path.removeprefix("/latest/meta-data/")
        return Answer(200, self.known[name].encode()) if name in self.known else Answer(404)


@pytest.fixture
def ec2() -> Iterator[Ec2]:
    server = Ec2({"local-ipv4": "172.16.34.43", "public-ipv4": "203.0.113.25"})
    server.start()
    yield server
    server.stop()


def endpoint(server: Ec2) -> dict[str, str]:
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + "/"}


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("fd00::0:7", "fd00::7"),
        ("[fd00::7]", "fd00::7"),
        ("localhost", socket.getaddrinfo("localhost", None)[0][4][0]),
    ],
)
def test_an_address_that_is_given(setting: str, address: str) -> None:
    assert address_of(setting, {}) == address


@pytest.mark.parametrize("setting", ["10.0.0.256", "two words", "10.0.0.1/24", "ec3.invalid"])
def test_what_is_no_address_is_a_mistake_in_the_setting(setting: str) -> None:
    with pytest.raises((Mistake, Unavailable)) as told:
        address_of(setting, {})

    assert setting in str(told.value)


def test_a_detected_address_is_one_of_this_machines() -> None:
    need("ip")
    shown = subprocess.run(("ip", "-o", "addr"), capture_output=True, text=True, check=True).stdout
    mine = {line.split()[3].partition("/")[0] for line in shown.splitlines()}

    assert detected() in mine
    assert not detected().startswith("127.")
    assert set(interface_addresses()) <= mine


def test_without_a_default_route_it_is_an_interfaces_own() -> None:
    need("unshare", "ip")
    code = "from bootstrapper.fleet.address import detected; print(detected())"
    steps = (
        "ip link set lo up; ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0;"
        " ip link add eth7 type bridge; ip addr add 10.7.7.7/24 dev eth7;"
        ' ip link set docker0 up; ip link set eth7 up; exec "$@"'
    )  # fmt: skip
    made = subprocess.run(
        ("unshare", "--net", "sh", "-c", steps, "sh", sys.executable, "-c", code),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Operation not permitted" in made.stderr:
        pytest.skip("no right to make a network of its own")

    assert made.stdout.strip() == "10.7.7.7", made.stderr


@pytest.mark.parametrize(
    ("setting", "address"), [("ec2", "172.16.34.43"), ("ec2-public", "203.0.113.25")]
)
def test_ec2_is_asked_with_a_token(ec2: Ec2, setting: str, address: str) -> None:
    assert address_of(setting, endpoint(ec2)) == address

    assert [each.method for each in ec2.asked] == ["PUT", "GET"]


def test_a_machine_without_a_public_address(ec2: Ec2) -> None:
    del ec2.known["public-ipv4"]

    with pytest.raises(Mistake, match="EC2 knows no public-ipv4"):
        address_of("ec2-public", endpoint(ec2))


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Refused), (404, Refused), (500, Unavailable), (503, Unavailable)]
)
def test_a_metadata_service_that_says_no(ec2: Ec2, status: int, kind: type[Error]) -> None:
    ec2.status = status

    with pytest.raises(kind, match=str(status)):
        address_of("ec2", endpoint(ec2))


def test_a_metadata_service_that_is_not_there() -> None:
    away = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{free_port()}"}

    with pytest.raises(Unavailable, match="does not answer"):
        address_of("ec2", away)


def test_aws_own_switch_turns_it_off(ec2: Ec2) -> None:
    with pytest.raises(Mistake, match="AWS_EC2_METADATA_DISABLED"):
        address_of("ec2", endpoint(ec2) | {"AWS_EC2_METADATA_DISABLED": "true"})

    assert ec2.asked == []
