"""A typed, blocking client of the API: what the CLI is built on, and the product's own tests.

    client = Client("http://127.0.0.1:8410", token)
    job = client.launch("apply-roles", {"roles": ["nginx"], "hosts": ["web-1"]}, wait=30)
    for entry in client.follow(job.id): ...

Every error is one of `bootstrapper.errors`, whatever went wrong below.
"""

from bootstrapper.client.client import Client
from bootstrapper.client.views import Job, Plan

__all__ = ["Client", "Job", "Plan"]
