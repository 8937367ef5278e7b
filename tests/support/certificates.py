"""Certificates for 127.0.0.1, made by openssl: an authority, a server and a client."""

import subprocess
from pathlib import Path

from support.services import need


def certificates(folder: Path) -> None:
    """ca.pem, server.pem, server.key, client.pem and client.key in `folder`."""
    _openssl(folder, "req", "-x509", *_new("ca"), "-days", "2", "-out", "ca.pem")
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text(
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n"
        )
        _openssl(folder, "req", *_new(name), "-out", f"{name}.csr")
        _openssl(
            folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip


def _new(name: str) -> tuple[str, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key")  # fmt: skip


def _openssl(folder: Path, *arguments: str) -> None:
    need("openssl")
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True)
