"""How far a check may reach that came from elsewhere: to what it is about, and no further. Pure.

A node asks with its own authority: whoever may register a service there is not thereby somebody
who may run programs on it, or look around in its network.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address

from bootstrapper.errors import Mistake
from bootstrapper.fleet.checks.questions import Execute, question
from bootstrapper.fleet.values import Check, Offer

SHORTEST, LONGEST = 0.05, 3600.0  # seconds
METADATA = (ip_address("fd00:ec2::254"),)
"""Where clouds tell machines their secrets, besides link-local addresses."""


def check_reach(check: Check, offer: Offer) -> None:
    """Raises Mistake for a command, for another address than the offer's, for one that is the
    machine's own business, and for a pace that is none."""
    asked = question(check, offer)
    if isinstance(asked, Execute):
        raise Mistake("a check by command is not taken from the API: fleet.api_checks")
    if asked.host.lower() != offer.address.lower():
        raise Mistake(
            f"a check asks {offer.address}, which is registered, and not {asked.host}: "
            "fleet.api_checks"
        )
    if _is_private_to_a_machine(asked.host):
        raise Mistake(f"{asked.host} is nothing that a check may ask: fleet.api_checks")
    if check.interval < SHORTEST or check.timeout > LONGEST:
        raise Mistake(f"{SHORTEST:g} s between checks at least, {LONGEST:g} s for one at most")


def _is_private_to_a_machine(host: str) -> bool:
    try:
        found: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(found, "ipv4_mapped", None) or found
    return (
        address.is_link_local or address.is_unspecified or address.is_multicast
        or address in METADATA
    )  # fmt: skip
