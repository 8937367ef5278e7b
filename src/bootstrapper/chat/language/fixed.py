"""The orders that are no actions: what is said after each, as its arguments."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from bootstrapper.chat.language.locking import read_lock
from bootstrapper.chat.language.said import Args, Said, dashless, missing, set_once
from bootstrapper.chat.language.words import Word, host_of, next_word, rest
from bootstrapper.errors import Mistake, Unknown
from bootstrapper.jobs.states import State
from bootstrapper.nearest import nearest


class Fixed(NamedTuple):
    """`form`: what follows the word; `does`: for the help."""

    form: str
    does: str
    read: Callable[[Said], Args]


def read_fixed(name: str, said: Said) -> Args:
    """A Mistake says the order's form."""
    try:
        return FIXED[name].read(said)
    except Mistake as error:
        stop = "" if str(error).endswith("?") else "."
        message = f"{error}{stop} Write: {form(name)}"
        raise type(error)(message, field=error.field) from None


def form(name: str) -> str:
    return f"{name} {FIXED[name].form}".rstrip()


def _jobs(said: Said) -> Args:
    args: Args = {}
    for word in said.words():
        key = dashless(word.key) or ("state" if word.text.lower() in set(State) else "env")
        if key not in {"state", "env"}:
            raise Mistake(f"jobs are not told apart by {key!r}", field=key)
        set_once(args, key, word.text.lower() if key == "state" else word.text)
    state = args.get("state", State.RUNNING)
    if state not in set(State):
        raise Mistake(f"no state {state!r}{nearest(state, map(str, State))}", field="state")
    return args


def _one(name: str) -> Callable[[Said], Args]:
    """Exactly one word."""

    def read(said: Said) -> Args:
        args = _at_most_one(name)(said)
        return args if args else missing(name)

    return read


def _at_most_one(name: str) -> Callable[[Said], Args]:
    def read(said: Said) -> Args:
        first, *more = [*said.words(), None]
        if more and more[0]:
            raise Mistake(f"{more[0].text!r} is one word too many")
        return {name: _plain(first, said.text)} if first else {}

    return read


def _nothing(said: Said) -> Args:
    # What people write after a bare order (`whoami please`) changes nothing.
    return {}


def _reject(said: Said) -> Args:
    word = next_word(said.text, said.at)
    if word is None:
        return missing("id")
    why = rest(said.text, word.end)
    return {"id": word.text} | ({"reason": why} if why else {})


def _rerun(said: Said) -> Args:
    found = [word.text for word in said.words()]
    if not found:
        return missing("id")
    job, *more = found
    if more and (dashless(more[0].lower()) != "failed" or len(more) > 1):
        raise Mistake(f"{more[0]!r} is not failed", field="failed")
    return {"id": job} | ({"failed": "yes"} if more else {})


def _run(said: Said) -> Args:
    args = _at_most_one("action")(said)
    if not args:
        return {}
    name = args["action"].lower()
    if name not in said.known:
        raise Unknown(f"no action {name!r}{nearest(name, said.known)}", field="action")
    return {"action": said.known[name].action}


def _plain(word: Word, text: str) -> str:
    """What a `=` is in was no key."""
    return text[word.start : word.end] if word.key else host_of(word.text)


FIXED: Mapping[str, Fixed] = MappingProxyType(
    {
        "jobs": Fixed("[state] [env]", "the newest jobs", _jobs),
        "job": Fixed("<id>", "how far a job is", _one("id")),
        "log": Fixed("<id>", "all that a job wrote", _one("id")),
        "cancel": Fixed("<id>", "stop a job", _one("id")),
        "rerun": Fixed("<id> [failed]", "run a job again, or on its failed hosts alone", _rerun),
        "approve": Fixed("<id>", "let a job of somebody else run", _one("id")),
        "reject": Fixed("<id> [reason…]", "keep a job of somebody else from running", _reject),
        "nodes": Fixed("[cluster]", "the fleet's nodes and how they are", _at_most_one("cluster")),
        "why": Fixed("<name>", "why a node, a service or a key is as it is", _one("name")),
        "lock": Fixed(
            "<env | host:… | name:…> [reason=…] [until=2h]",
            "keep an env, a host or a name to yourself",
            read_lock,
        ),
        "unlock": Fixed("<env | host:… | name:…>", "take a lock away", _one("resource")),
        "run": Fixed("[action]", "a form for an action", _run),
        "whoami": Fixed("", "who you are here, and in which groups", _nothing),
        "help": Fixed(
            "[word]", "what you may say here, or more about one word", _at_most_one("word")
        ),
    }
)
