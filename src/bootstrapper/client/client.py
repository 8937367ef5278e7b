"""All calls as one client."""

from bootstrapper.client.fleet import FleetCalls
from bootstrapper.client.jobs import JobCalls
from bootstrapper.client.notices import NoticeCalls
from bootstrapper.client.server import Server
from bootstrapper.client.site import SiteCalls


class Client(JobCalls, SiteCalls, FleetCalls, NoticeCalls):
    """Blocking; may be shared between threads. `timeout`: seconds for one answer.

    Every call raises Mistake (or a kind of it), Unavailable or Refused, and nothing else.
    """

    def __init__(self, url: str, token: str = "", *, timeout: float = 30.0) -> None:
        super().__init__(Server(url, token, timeout=timeout))
