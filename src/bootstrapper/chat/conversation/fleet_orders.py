"""Orders about the fleet, and locks on it."""

from bootstrapper.chat.blocks.lists import chain_story, nodes_table
from bootstrapper.chat.blocks.replies import locked, unlocked
from bootstrapper.chat.conversation.once import lock_once
from bootstrapper.chat.conversation.reply import Aloud, Reply
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.control import locking
from bootstrapper.control.fleet_reading import chain_of, nodes_of

Args = dict[str, str]


def nodes(turn: Turn, args: Args) -> Reply:
    return Aloud(nodes_table(*nodes_of(turn.parts, turn.actor, args.get("cluster", ""))))


def why(turn: Turn, args: Args) -> Reply:
    return Aloud(chain_story(chain_of(turn.parts, turn.actor, args["name"])))


def lock(turn: Turn, args: Args) -> Reply:
    reason, until = args.get("reason", ""), args.get("until", "")
    hold = lock_once(turn, args["resource"], reason, until)
    return Aloud(locked(hold.resource, hold.holder, hold.until))


def unlock(turn: Turn, args: Args) -> Reply:
    hold = locking.unlock(turn.parts, turn.actor, args["resource"])
    return Aloud(unlocked(hold.resource, hold.by))
