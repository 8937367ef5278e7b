"""Nodes that come and go: how long one stays out after it went too often, longer each time."""

from bootstrapper.settings.fleet import Brakes

AHEAD = 60.0
"""Seconds by which clocks of two leaders may differ; what is later than that was told by a clock
that has been set back since, and would keep a node out until it has caught up."""
KEPT = 30
"""Goings of a node that are remembered at most."""


def backoff(went: tuple[float, ...], brakes: Brakes) -> float:
    """Seconds from its last going in which it may not come back; 0: it may at once.

    It is damped when the last `brakes.flaps` goings are within `brakes.flap_window`; each more that
    is still remembered doubles the time.
    """
    times = brakes.flaps
    if not times or len(went) < times or went[-1] - went[-times] > brakes.flap_window:
        return 0.0
    doublings = min(len(went) - times, 30)
    return float(min(brakes.keep_out * 2.0**doublings, brakes.keep_out_most))


def until(went: tuple[float, ...], brakes: Brakes, now: float = float("inf")) -> float:
    """Unix time; 0: nothing keeps it out."""
    seconds = 0.0 if went and went[-1] > now + AHEAD else backoff(went, brakes)
    return went[-1] + seconds if seconds else 0.0


def over(went: tuple[float, ...], now: float, brakes: Brakes) -> bool:
    """Calm for as long as it was kept out, and a window more, makes all of it forgotten."""
    if not went or went[-1] > now + AHEAD:
        return True
    return now - went[-1] > brakes.flap_window + backoff(went, brakes)


def remembered(went: tuple[float, ...], now: float, brakes: Brakes) -> tuple[float, ...]:
    """With a going of now, without those that are over."""
    return (now,) if over(went, now, brakes) else (*went[1 - KEPT :], now)
