"""`lock prod --reason the disk is full until=2h`, and the other ways to write it."""

from bootstrapper.actions.texts import moment
from bootstrapper.chat.language.said import Args, Said, dashless, missing, set_once
from bootstrapper.chat.language.words import Word
from bootstrapper.errors import Mistake
from bootstrapper.nearest import nearest

NAMES = ("reason", "until")
FLAGS = frozenset(dash + name for dash in ("--", "–", "—") for name in NAMES)


def read_lock(said: Said) -> Args:
    """What has no name is the resource, then the reason, however many words that has."""
    args, reason = Args(), list[str]()
    flag = ""
    for word in said.words():
        key = dashless(word.key)
        if not word.quoted and word.text in FLAGS:
            flag = dashless(word.text)
        elif key in NAMES or (flag == "until" and not key):
            set_once(args, key or flag, word.text)
            flag = ""
        elif "resource" not in args and not flag:
            args["resource"] = said.written(word) if key else word.text
        else:
            _check(key, begun=bool(reason or flag))
            reason.append(_reason(said, word))
    if reason:
        set_once(args, "reason", " ".join(reason))
    if "resource" not in args:
        missing("resource")
    if "until" in args:
        args["until"] = moment(args["until"], said.now)
    return args


def _check(key: str, *, begun: bool) -> None:
    """`utnil=2h` must not become a lock without an end."""
    if key and not begun:
        raise Mistake(f"a lock has no {key!r}{nearest(key, NAMES)}", field=key)


def _reason(said: Said, word: Word) -> str:
    return word.text if word.quoted and not word.key else said.written(word)
