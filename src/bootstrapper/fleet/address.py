"""This node's address: given, detected without sending anything, or asked from EC2 (IMDSv2).

EC2's questions and answers are those of the instance metadata service: a token first, then the
name of what is wanted below /latest/meta-data/.
"""

import socket
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

from bootstrapper.errors import Mistake, Refused, Unavailable

FIELD = "fleet.address"
EC2 = {"ec2": "local-ipv4", "ec2-public": "public-ipv4"}
IMDS, IMDS_IPV6 = "http://169.254.169.254", "http://[fd00:ec2::254]"
SECONDS = 2.0
TOKEN_SECONDS = 60
OK, FAULTY, MISSING, BROKEN = 200, 400, 404, 500
ANYWHERE = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))
"""Of networks for examples: whatever way they go is the way to everybody else."""
VIRTUAL = ("docker", "br-", "veth", "virbr", "cni", "flannel", "tun", "tap")
IF_INET6 = Path("/proc/net/if_inet6")
SIOCGIFADDR = 0x8915


def address_of(setting: str, environ: Mapping[str, str]) -> str:
    """`setting` is an address or its name, "" (detected), `ec2` or `ec2-public`.

    Raises Mistake, and of EC2 Unavailable (ask again) or Refused.
    """
    if not setting:
        return detected()
    if setting in EC2:
        return asked_from_ec2(EC2[setting], environ)
    return _given(setting)


def detected() -> str:
    """Where this node's own traffic comes from; without a default route its first address that
    others may reach."""
    for family, target in ANYWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            try:
                link.connect((target, 9))  # of UDP: a look into the routing table, no packet
            except OSError:
                continue
            found: str = link.getsockname()[0]
            if _is_reachable(found):
                return found
    for found in interface_addresses():
        return found
    raise Mistake("this node has no address that others could reach: give it one", field=FIELD)


def interface_addresses() -> Iterator[str]:
    """Those of real interfaces first."""
    names = [name for _, name in socket.if_nameindex()]
    for name in sorted(names, key=lambda each: each.startswith(VIRTUAL)):
        for found in (_ipv4_of(name), *_ipv6_of(name)):
            if found and _is_reachable(found):
                yield found


def asked_from_ec2(what: str, environ: Mapping[str, str]) -> str:
    """`what`: as `local-ipv4`. The environment is that of AWS's own tools."""
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise Mistake("AWS_EC2_METADATA_DISABLED forbids to ask EC2", field=FIELD)
    mode = environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower()
    usual = IMDS_IPV6 if mode == "ipv6" else IMDS
    root = (environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or usual).rstrip("/")
    lasts = {"X-aws-ec2-metadata-token-ttl-seconds": str(TOKEN_SECONDS)}
    token = _said("PUT", f"{root}/latest/api/token", lasts)
    found = _said("GET", f"{root}/latest/meta-data/{what}", {"X-aws-ec2-metadata-token": token})
    return _given(found)


def _said(method: str, url: str, headers: Mapping[str, str]) -> str:
    import urllib3  # noqa: PLC0415 (only where EC2 is asked)

    try:
        reply = urllib3.request(
            method, url, headers=headers, timeout=SECONDS, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(f"EC2's metadata service does not answer: {error}") from error
    if reply.status == OK:
        return reply.data.decode(errors="replace").strip()
    if reply.status == MISSING and method == "GET":
        raise Mistake(f"EC2 knows no {url.rpartition('/')[2]} of this machine", field=FIELD)
    kind = Refused if FAULTY <= reply.status < BROKEN else Unavailable
    raise kind(f"EC2's metadata service says {reply.status} to {method} {url}")


def _given(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
            raise Unavailable(f"{text!r} cannot be looked up now: {error}") from error
        raise Mistake(f"{text!r} is neither an address, nor a name, nor ec2", field=FIELD) from None
    return str(found[0][4][0])


def _is_reachable(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _ipv4_of(name: str) -> str:
    """Its first one; `man 7 netdevice`."""
    import fcntl  # noqa: PLC0415 (only without a default route)
    import struct  # noqa: PLC0415

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        asked = struct.pack("256s", name.encode()[:15])
        try:
            return socket.inet_ntoa(fcntl.ioctl(link, SIOCGIFADDR, asked)[20:24])
        except OSError:
            return ""


def _ipv6_of(name: str) -> Iterator[str]:
    """Lines of /proc/net/if_inet6: address, index, prefix, scope, flags, name."""
    try:
        lines = IF_INET6.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        digits, _, _, scope, _, interface = line.split()
        if interface == name and scope == "00":
            yield str(ip_address(bytes.fromhex(digits)))
