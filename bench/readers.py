"""2,000 idle readers on the event stream: is everybody served, and does `/healthz` stay quick?"""

import asyncio
import time

import httpx

from bench.measure import Figure, keep, percentile
from bench.stage import stage

READERS, PROBES = 2000, 500


def main() -> None:
    with stage(1) as scene:
        client = scene.plane.owner
        client.lock("name:bench", reason="so that the job stays")
        job = client.launch(
            "apply-roles", {"roles": ["ten"], "hosts": scene.hosts}, locks=["bench"]
        )
        port, token = scene.plane.port, scene.plane.owner_token
        served, taken = asyncio.run(watch(port, token, job.id, lambda: client.unlock("name:bench")))
    milliseconds = [each * 1000 for each in taken]
    keep(
        "readers",
        Figure(
            what=f"/healthz with {READERS} readers, p99",
            value=percentile(milliseconds, 0.99), unit="ms", limit=50,
        ),
        Figure(
            what="readers who saw the job end", value=served, unit="readers", limit=READERS,
            at_least=True,
        ),
    )  # fmt: skip


async def watch(port: int, token: str, job_id: str, let_go: object) -> tuple[int, list[float]]:
    gate = asyncio.Semaphore(100)
    readers = [asyncio.create_task(read(port, token, job_id, gate)) for _ in range(READERS)]
    await asyncio.sleep(15)  # until all are connected and idle
    taken: list[float] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        for _ in range(PROBES):
            began = time.perf_counter()
            (await http.get("/healthz")).raise_for_status()
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)
    assert callable(let_go)
    await asyncio.to_thread(let_go)
    ended = await asyncio.wait_for(asyncio.gather(*readers), 120)
    return sum(ended), taken


async def read(port: int, token: str, job_id: str, gate: asyncio.Semaphore) -> bool:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /api/v1/jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\n"
            f"Accept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        await reader.readuntil(b"event: job_queued")
    ended = False
    while line := await reader.readline():
        ended = ended or line.startswith(b"event: job_ended")
        if ended:
            break
    writer.close()
    return ended


if __name__ == "__main__":
    main()
