"""Nodes that come and go: how long one stays out after it went too often, longer each time."""

from bootstrapper.settings.fleet import Brakes


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


def until(went: tuple[float, ...], brakes: Brakes) -> float:
    """Unix time; 0: nothing keeps it out."""
    seconds = backoff(went, brakes)
    return went[-1] + seconds if seconds else 0.0


def remembered(went: tuple[float, ...], now: float, brakes: Brakes) -> tuple[float, ...]:
    """With a going of now, without those that are over: calm for as long as it was kept out and a
    window more forgets all of them."""
    keep = brakes.flap_window
    if went and now - went[-1] > keep + backoff(went, brakes):
        went = ()
    return (*went[-29:], now)
