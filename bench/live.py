"""A put in etcd until the first request that the new server serves, in fleets of three sizes."""

from bench.measure import Figure, keep, percentile
from bench.proxy_stage import PEER, Scene, scene

ROUNDS = 40
SIZES = {3: ((0.5, 10.0), (0.95, 25.0)), 1_000: ((0.5, 25.0),), 10_000: ((0.5, 120.0),)}
"""Servers in the backend → (percentile, milliseconds to reach)."""


def main() -> None:
    figures: list[Figure] = []
    for crowd, limits in SIZES.items():
        rounds = ROUNDS if crowd < 10_000 else ROUNDS // 2
        with scene(crowd) as stage:
            floor = [stage.floor(f"floor{n}") for n in range(rounds)]
            with stage.follower():
                ours = [stage.live_after(f"n{n}") for n in range(rounds)]
            peer = of_the_peer(stage, rounds)
        for share, limit in limits:
            low = f"the Runtime API by hand: {percentile(floor, share) * 1000:.3g} ms"
            figures.append(
                Figure(
                    what=f"put → first request, {crowd} servers, p{share * 100:.0f}",
                    value=percentile(ours, share) * 1000, unit="ms", limit=limit, note=low,
                    ours=percentile(ours, share) * 1000,
                    peer=percentile(peer, share) * 1000 if peer else None,
                )
            )  # fmt: skip
    keep("live", *figures)


def of_the_peer(stage: Scene, rounds: int) -> list[float]:
    """confd -watch with a hitless reload; nothing where CONFD names none."""
    if not PEER:
        return []
    with stage.follower(PEER):
        return [stage.live_after(f"p{n}") for n in range(rounds)]


if __name__ == "__main__":
    main()
