"""POST → 202 with the job durably queued, at 50 requests a second. Redis syncs every write."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from bench.measure import Figure, keep, paced, percentile
from bench.stage import stage

COUNT, RATE = 1500, 50.0


def main() -> None:
    with stage(1) as scene:
        scene.plane.kill("work")  # the queue alone is measured; nobody empties it
        token = scene.plane.owner_token
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
        with (
            httpx.Client(
                base_url=scene.plane.url,
                headers={"Authorization": f"Bearer {token}"},
                limits=limits,
            ) as http,
            ThreadPoolExecutor(50) as pool,
        ):

            def post(number: int) -> float:
                began = time.perf_counter()
                body = {"roles": ["ten"], "hosts": [scene.hosts[0]], "extra_vars": {"n": number}}
                answer = http.post("/api/v1/actions/apply-roles", json=body)
                assert answer.status_code == 202, answer.text
                return time.perf_counter() - began

            for number in range(50):
                post(-number)
            with paced(COUNT, RATE) as numbers:
                taken = [each.result() for each in [pool.submit(post, n) for n in numbers]]
    milliseconds = [each * 1000 for each in taken]
    keep(
        "submit",
        Figure(what="POST → 202, p50", value=percentile(milliseconds, 0.5), unit="ms", limit=8),
        Figure(what="POST → 202, p99", value=percentile(milliseconds, 0.99), unit="ms", limit=40),
    )


if __name__ == "__main__":
    main()
