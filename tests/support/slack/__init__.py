"""A Slack of the tests' own: its Web API, Socket Mode and signed HTTP, and the people in it.

The real client libraries work against it (`base_url=slack.api`). `FakeSlack` is where to begin.
"""

from support.slack.people import FakeSlack
from support.slack.values import BOT, Call, Edit, File, Posted, View, Whisper

__all__ = ["BOT", "Call", "Edit", "FakeSlack", "File", "Posted", "View", "Whisper"]
