"""errbot's users and rooms as ours: its names were what the chat shows, ours have an id."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct

from bootstrapper.errors import Mistake
from bootstrapper.policy.errbot_file import Acl, Controls
from bootstrapper.policy.faults import NAME
from bootstrapper.policy.file_rules import DIRECT

USER_ID = re.compile(r"[UW][A-Z0-9]{5,}")
ROOM_ID = re.compile(r"[CG][A-Z0-9]{5,}")
GLOB = re.compile(r"[*?\[]")
ANYBODY = "user:*"
"""Whom the policy knows: a Slack user whom it does not know may do nothing."""


class People(Struct, frozen=True, kw_only=True):
    """`users` and `rooms`: our name → the id in Slack."""

    users: dict[str, str]
    rooms: dict[str, str]
    notes: tuple[str, ...] = ()

    def actors(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """Those whom we know by any spelling, and whoever will have such a name."""
        found: list[str] = []
        for pattern in patterns:
            known = [
                name
                for name, slack in self.users.items()
                if any(fnmatchcase(each, pattern) for each in (name, f"@{name}", slack))
            ]
            by_id = USER_ID.fullmatch(pattern) and known
            found += known if by_id else [*known, pattern.removeprefix("@") or pattern]
        if "*" in found:
            return (ANYBODY,)
        return tuple(dict.fromkeys(f"user:{name}" for name in found))

    def channels(self, acl: Acl) -> tuple[str, ...]:
        """Where a command may be given; rooms that we cannot tell apart are left out."""
        direct = () if acl.allowprivate is False else (DIRECT,)
        if acl.allowmuc is False:
            return direct
        denied = acl.denyrooms or ()
        anywhere = acl.allowrooms is None or "*" in acl.allowrooms
        if anywhere and not any(map(GLOB.search, denied)):
            return ("*",)
        wanted = self.rooms if anywhere else self._rooms(acl.allowrooms or ())
        return (*(room for room in wanted if room not in self._rooms(denied)), *direct)

    def denied_channels(self, acl: Acl) -> tuple[str, ...]:
        direct = (DIRECT,) if acl.allowprivate is False else ()
        return (*self._rooms(acl.denyrooms or ()), *direct)

    def _rooms(self, patterns: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            name
            for name, channel in self.rooms.items()
            if any(fnmatchcase(x, each) for each in patterns for x in (name, f"#{name}", channel))
        )


def people_from(controls: Controls, mapped: Mapping[str, str]) -> People:
    """A Mistake when a room has no id: a rule about it could not be written."""
    users = {_name(name, "@"): slack for name, slack in mapped.items() if _is_user(name, slack)}
    rooms = {_name(name, "#"): slack for name, slack in mapped.items() if slack[0] in "CG"}
    named, places = _named(controls)
    users |= _by_id(named, USER_ID, users)
    rooms |= _by_id(places, ROOM_ID, rooms)
    known = {*rooms, *rooms.values()}
    literal = dict.fromkeys(each for each in places if not GLOB.search(each))
    if missing := [each for each in literal if each.removeprefix("#") not in known]:
        shown = " ".join(f"--map {each!r}=C…" for each in missing)
        raise Mistake(f"these rooms need their channels' ids: {shown}", field="map")
    return People(users=users, rooms=rooms, notes=_notes(named, places, users))


def _named(controls: Controls) -> tuple[list[str], list[str]]:
    """All patterns of users, and all of rooms."""
    users, rooms = list(controls.admins), list[str]()
    for acl in (controls.default, *(acl for _, acl in controls.commands)):
        users += (*(acl.allowusers or ()), *(acl.denyusers or ()))
        rooms += (*(acl.allowrooms or ()), *(acl.denyrooms or ()))
    return users, rooms


def _by_id(said: list[str], form: re.Pattern[str], known: Mapping[str, str]) -> dict[str, str]:
    """Those that errbot called by their ids: they keep them for names."""
    ids = set(known.values())
    return {each: each for each in said if form.fullmatch(each) and each not in ids}


def _notes(people: list[str], rooms: list[str], users: Mapping[str, str]) -> tuple[str, ...]:
    literal = dict.fromkeys(each.removeprefix("@") for each in people if not GLOB.search(each))
    unknown = [each for each in literal if each not in users and each not in users.values()]
    notes = [f"No id in Slack was given for {each!r}: --map {each!r}=U…" for each in unknown]
    if any(GLOB.search(each) and each != "*" for each in rooms):
        notes.append("Patterns of rooms were tried on those whose ids were given; others are shut.")
    return tuple(notes)


def _is_user(name: str, slack: str) -> bool:
    if USER_ID.fullmatch(slack):
        return True
    if ROOM_ID.fullmatch(slack):
        return False
    raise Mistake(f"{name}: {slack!r} is no id of a user (U…) or a channel (C…)", field="map")


def _name(said: str, sign: str) -> str:
    name = said.removeprefix(sign)
    if not NAME.fullmatch(name) or name == DIRECT:
        raise Mistake(f"{said!r} cannot be a name here: map it as errbot has it", field="map")
    return name
