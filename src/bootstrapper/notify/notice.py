"""A notice: something that people may want to be told of. Where it came from no longer matters."""

import msgspec

from bootstrapper.settings.notify import Severity

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
"""From the least."""


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`subject`: what it is about (`node:web-1`). `at`: Unix time. `lasts`: it holds until another
    notice ends it, which names its type in `ends` and has the same subject.
    """

    id: str
    at: float
    type: str
    severity: Severity
    subject: str
    text: str
    env: str = ""
    cluster: str = ""
    fields: dict[str, str] = {}
    lasts: bool = False
    ends: tuple[str, ...] = ()
    link: str = ""

    @property
    def only_ends(self) -> bool:
        """It says of its own type that it is over, and nothing else."""
        return self.type in self.ends

    def same_as(self, other: "Notice") -> bool:
        """Whether it says nothing new: it is only said again."""
        mine = (self.type, self.subject, self.severity, self.text, self.fields, self.link)
        theirs = (other.type, other.subject, other.severity, other.text, other.fields, other.link)
        return mine == theirs

    def is_ended_by(self, other: "Notice") -> bool:
        return self.lasts and self.type in other.ends and self.subject == other.subject


def worst(severities: tuple[Severity, ...]) -> Severity:
    return max(severities, key=SEVERITIES.index, default="info")
