"""The API over HTTPS with a certificate of one's own, and the command line that trusts it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.control import ControlPlane, api_alone
from support.services import need, short_folder


def make_certificate(folder: Path, name: str) -> dict[str, str]:
    """Of this address alone, signed by itself: the two settings."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=ours", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return {"tls_certificate": str(certificate), "tls_key": str(key)}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    need("openssl")
    with short_folder("tls") as made:
        yield made


@pytest.fixture(scope="module")
def plane(folder: Path) -> Iterator[ControlPlane]:
    part = make_certificate(folder, "ours")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", part["tls_certificate"])
        with api_alone({"api": part}) as made:
            yield made


def cli(plane: ControlPlane, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """By the settings alone: they say that the server is HTTPS, and where."""
    return subprocess.run(
        [sys.executable, "-m", "bootstrapper", *words], env=plane.environment | environ,
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30,
    )  # fmt: skip


def test_who_trusts_the_certificate_is_served(plane: ControlPlane) -> None:
    done = cli(plane, "jobs", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout or "[]") in ([], {"jobs": [], "next": None})
    assert plane.owner.whoami().actor == "system:owner"


def test_who_does_not_trust_it_says_nothing_to_it(plane: ControlPlane, folder: Path) -> None:
    other = make_certificate(folder, "other")["tls_certificate"]

    done = cli(plane, "jobs", SSL_CERT_FILE=other)

    assert done.returncode == 2
    assert "self-signed certificate" in done.stderr


def test_nothing_is_answered_in_the_clear(plane: ControlPlane) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(plane.url.replace("https:", "http:") + "/healthz")


def test_a_certificate_of_another_name_is_none(plane: ControlPlane) -> None:
    done = cli(plane, "jobs", BOOTSTRAPPER_URL=plane.url.replace("127.0.0.1", "localhost"))

    assert done.returncode == 2
    assert "localhost" in done.stderr


def missing(folder: Path) -> dict[str, str]:
    return {"tls_certificate": str(folder / "none.pem"), "tls_key": str(folder / "none.key")}


def of_another(folder: Path) -> dict[str, str]:
    one, two = make_certificate(folder, "one"), make_certificate(folder, "two")
    return one | {"tls_key": two["tls_key"]}


@pytest.mark.parametrize("faulty", [missing, of_another])
def test_a_pair_that_is_none_is_a_mistake_of_the_settings(folder: Path, faulty: Any) -> None:
    with short_folder("none") as state:
        plane = ControlPlane(state, {"api": faulty(folder)})

        done = cli(plane, "serve")

    assert done.returncode == 2
    assert "api.tls_certificate" in done.stderr
    assert "Traceback" not in done.stderr
