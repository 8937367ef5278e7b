"""An event of the fleet as a sentence: the same for the API, the command line and `why`. Pure."""

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.values import Signal

_WORDS: dict[Kind, str] = {
    "node_joined": "{node} joined",
    "node_suspected": "{node} was suspected",
    "node_failed": "{node} failed",
    "node_returned": "{node} is back",
    "node_left": "{node} left",
    "node_removed": "{node} was removed",
    "node_held": "{node} is in doubt, and kept",
    "node_kept_out": "{node} is kept out",
    "node_released": "{node} was released",
    "instance_registered": "{it} was registered",
    "instance_changed": "{it} changed",
    "instance_passing": "{it} passes its check",
    "instance_failing": "{it} fails its check",
    "instance_draining": "{it} drains",
    "instance_withdrawn": "{it} was withdrawn",
    "instance_returned": "{it} is back",
    "instance_removed": "{it} was removed",
    "removal_held": "the removal of {it} is held",
    "removal_confirmed": "the removal of {it} was confirmed",
    "removal_refused": "the removal of {it} was refused",
    "proxy_joined": "{it} came into a proxy",
    "proxy_left": "{it} went from a proxy",
    "leader_elected": "{node} is the reconciler",
}
_DRAINED = "{node} was taken out of rotation"
"""A `node_held` that is an operator's word."""

PLAIN = (Signal.REGISTERED, Signal.RETURNED, Signal.CHECK, Signal.OPERATOR,
         Signal.PROXY)  # fmt: skip
"""What the rest of the sentence says."""


def told(event: FleetEvent) -> str:
    """`web-1 failed, by n2: serf says it failed: no answer; deleted /services/web/w1`."""
    it = f"{event.service} {event.node}/{event.instance}" if event.instance else event.node
    drained = event.kind == "node_held" and event.signal is Signal.OPERATOR
    words = _DRAINED if drained else _WORDS[event.kind]
    text = words.format(node=event.node, it=it.strip())
    by = f", by {event.by}" if event.by and event.by != event.node else ""
    said = [f"{text}{by}: {because(event.signal, event.reason)}"]
    said += [f"{what} {_few(keys)}" for what, keys in _keys(event) if keys]
    return "; ".join(said)


def because(signal: Signal, reason: str) -> str:
    """The signal and the reason, each once."""
    if not reason or signal.value in reason:
        return reason or signal.value
    return reason if signal in PLAIN else f"{signal.value}: {reason}"


def _keys(event: FleetEvent) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("deleted", event.deleted), ("put", event.put))


def _few(keys: tuple[str, ...], most: int = 3) -> str:
    more = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {more} more" if more > 0 else "")
