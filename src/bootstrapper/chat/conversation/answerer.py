"""From what was heard to what is answered: who speaks, what they want, and what came of it."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bootstrapper.actions.registry import actions
from bootstrapper.chat.blocks.replies import BROKEN, as_said, told, wrong
from bootstrapper.chat.busy import Busy
from bootstrapper.chat.conversation import fleet_orders, job_orders, own_orders
from bootstrapper.chat.conversation.callers import caller_of, require_known
from bootstrapper.chat.conversation.clicking import clicked
from bootstrapper.chat.conversation.forming import is_picker, opened, placed
from bootstrapper.chat.conversation.launching import launched
from bootstrapper.chat.conversation.reach import RIGHTS
from bootstrapper.chat.conversation.reply import Aloud, Aside, Reply
from bootstrapper.chat.conversation.speaking import Cards, Speaker
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.forms.form import action_of
from bootstrapper.chat.forms.picker import picked
from bootstrapper.chat.forms.values import request_of
from bootstrapper.chat.heard import AnyHeard, Clicked, Place, Said, Submitted
from bootstrapper.chat.language.orders import Launch, Order, read
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.brakes import Hold
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Error, Mistake, Refused, Unknown
from bootstrapper.jobs.job import Options
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.redirects import built_in_redirects, other_names
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.verdicts import Freeze

logger = logging.getLogger(__name__)

Plugins = Callable[[Actor, Said], str | None]
"""What else may answer, in Slack's own markup, words that are no order; None: nothing does."""
PluginHelp = Callable[[Actor], Mapping[str, str]]
"""Plugin → its documentation, of those that the actor may ask."""

AGAIN = 0.5  # seconds
READ_BY_ALL: tuple[Any, ...] = (AnyHeard, Catalogue, Freeze, Hold, Options, Place)
ORDERS: dict[str, Callable[[Turn, dict[str, str]], Reply]] = {
    "jobs": job_orders.jobs,
    "job": job_orders.job,
    "log": job_orders.log,
    "cancel": job_orders.cancel,
    "rerun": job_orders.again,
    "approve": job_orders.approve,
    "reject": job_orders.reject,
    "nodes": fleet_orders.nodes,
    "why": fleet_orders.why,
    "lock": fleet_orders.lock,
    "unlock": fleet_orders.unlock,
    "run": own_orders.run,
}


class Answerer:
    """Safe for many threads. A thing may be answered again, after a crash: it is done once."""

    def __init__(
        self,
        parts: Parts,
        voice: Voice,
        cards: Cards,
        *,
        plugins: Plugins | None = None,
        plugin_help: PluginHelp = lambda _: {},
    ) -> None:
        for kind in (*actions().values(), *READ_BY_ALL):
            msgspec.json.Decoder(kind)  # before there are threads, which must not be first with it
        self._parts = parts
        self._speaker = Speaker(voice, cards)
        self._plugins = plugins
        self._plugin_help = plugin_help
        self._asking = threading.Lock()
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        """What is read once and kept is read before somebody waits for it; by the first worker,
        as two at a time would need twice the memory. Raises Unavailable without Redis."""
        with self._preparing:
            other_names("", built_in_redirects(), self._parts.library.current().redirects)

    def answer(self, heard: AnyHeard) -> None:
        """Raises Unavailable when it is to be tried again, and Refused when that is in vain."""
        self.tell(heard, self.decide(heard))

    def decide(self, heard: AnyHeard) -> Reply:
        """What was wanted is done; a Mistake of the caller's, or a "no", is for them alone."""
        try:
            return self._decide(heard)
        except Mistake as error:
            return Aside(wrong(error))
        except Refused as error:
            logger.error("not done: %s", error)
            return Aside(wrong(error))

    def tell(self, heard: AnyHeard, reply: Reply, since: float | None = None) -> None:
        """`since`: as in `Speaker.tell`."""
        self._speaker.tell(_where_asked(heard), reply, since)

    def apologise(self, heard: AnyHeard) -> None:
        """After an error that nobody expected; never raises one."""
        try:
            self.tell(heard, Aside(told(BROKEN)))
        except Error as error:
            logger.warning("nobody was told: %s", error)

    def _decide(self, heard: AnyHeard) -> Reply:
        if isinstance(heard, Submitted):
            heard = placed(heard)
        policy = self._parts.rules.current()
        caller = caller_of(policy, heard.user, heard.place)
        turn = Turn(parts=self._parts, heard=heard, caller=caller)
        match heard:
            case Said():
                return self._said(turn, heard)
            case Clicked():
                return clicked(turn, heard)
            case Submitted():
                return _submitted(turn, heard)

    def _said(self, turn: Turn, said: Said) -> Reply:
        try:
            wanted = read(said.text, actions(), now=turn.now)
        except Mistake as error:
            require_known(turn.parts, turn.caller, "chat")
            if not _is_no_order(error):
                raise
            if answer := self._from_plugins(turn, said):
                return Aloud(as_said(answer))
            stop = "" if str(error).endswith("?") else "."
            raise Unknown(f"{error}{stop} Say `help` for all that you may say here.") from error
        match wanted:
            case Launch(action=name, request=request, options=options):
                return launched(turn, name, request, options)
            case Order(name="whoami"):
                return own_orders.who(turn)
            case Order(name="help", args=args):
                return own_orders.explain(turn, args, self._help(turn))
            case Order(name=name, args=args):
                require_known(turn.parts, turn.caller, RIGHTS[name].action)
                return ORDERS[name](turn, args)

    def _from_plugins(self, turn: Turn, said: Said) -> str | None:
        """One worker at a time: slow plugins keep no other from orders."""
        if self._plugins is None:
            return None
        if not self._asking.acquire(blocking=False):
            raise Busy("plugins are busy with others' words", seconds=AGAIN)
        try:
            return self._plugins(turn.actor, said)
        finally:
            self._asking.release()

    def _help(self, turn: Turn) -> Mapping[str, str]:
        return self._plugin_help(turn.actor) if turn.caller.known else {}


def _is_no_order(error: Mistake) -> bool:
    """Words that begin none, rather than one that is wrong."""
    return isinstance(error, Unknown) and not error.field


def _submitted(turn: Turn, sent: Submitted) -> Reply:
    if is_picker(sent):
        require_known(turn.parts, turn.caller, RIGHTS["run"].action)
        return opened(turn, picked(sent.values))
    kind = actions().get(action_of(sent.form))
    if kind is None:
        raise Unknown(f"I no longer know the form {sent.form!r}")
    return launched(turn, kind.NAME, request_of(kind, sent.values), {})


def _where_asked(heard: AnyHeard) -> AnyHeard:
    """A form's own place, for what is told; one that is not ours is answered directly."""
    try:
        return placed(heard) if isinstance(heard, Submitted) else heard
    except Mistake:
        return heard
