"""errbot's access controls as rules of ours: `bootstrapper policy import-errbot`.

errbot takes the first pattern that fits a command and then no other. So each pattern becomes a
block: what it denies, what it allows, and a last rule that denies the rest. Where something has no
counterpart the block lets less through, and a comment says so. All rules are about the chat alone.
"""

from collections.abc import Mapping

from msgspec import Struct

from bootstrapper.policy.errbot_args import regexes_of
from bootstrapper.policy.errbot_commands import CHAT_ACTIONS, actions_of
from bootstrapper.policy.errbot_file import Acl, Controls
from bootstrapper.policy.errbot_people import People, people_from
from bootstrapper.policy.toml_text import array, comment, key, text

HEADER = """\
# Made from errbot's ACCESS_CONTROLS. Read it, then make it your policy file, or put its rules
# before your own: all of them are about what people say in the chat.
"""


class Block(Struct, frozen=True, kw_only=True):
    """`plain` are the actions whose arguments the policy sees as errbot did."""

    name: str
    title: str
    acl: Acl
    plain: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    last: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        return (*self.other, *self.plain)


Table = Mapping[str, str | tuple[str, ...]]


def policy_text(controls: Controls, mapped: Mapping[str, str]) -> str:
    """The policy as TOML. `mapped`: errbot's name of a user or room → its id in Slack.

    A Mistake names what needs an id and has none.
    """
    people = people_from(controls, mapped)
    parts = [HEADER, _tables(people, controls)]
    parts += [_written(block, people) for block in _blocks(controls)]
    return "\n".join(parts)


def _blocks(controls: Controls) -> list[Block]:
    blocks: list[Block] = []
    for number, (pattern, acl) in enumerate(controls.commands, 1):
        found = actions_of(pattern)
        blocks.append(
            Block(
                name=f"errbot-{number}",
                title=f"ACCESS_CONTROLS[{pattern!r}]",
                acl=acl,
                plain=found.plain,
                other=found.other,
                notes=found.notes,
            )
        )
    return [*blocks, _default(controls.default)]


def _default(acl: Acl) -> Block:
    """All other commands; the fleet's own only where the default names people for them."""
    named = acl.allowusers is not None and not {"*", "@*"} & {*acl.allowusers}
    notes = () if named else (
        f"Whoever may do the rest must be named to do that on machines: {', '.join(CHAT_ACTIONS)}.",
    )  # fmt: skip
    return Block(
        name="errbot-default",
        title="ACCESS_CONTROLS_DEFAULT",
        acl=acl,
        plain=("limbo:*",),
        other=CHAT_ACTIONS if named else (),
        notes=notes,
        last=True,
    )


def _written(block: Block, people: People) -> str:
    lines = [comment(block.title), *map(comment, block.notes)]
    if not block.actions:
        return "\n".join([*lines, ""])
    args = _has_args(block.acl)
    if args and block.other:
        words = "allowargs and denyargs are about all words of a command; say this by envs, hosts,"
        lines.append(
            comment(f"{words} tags, modules and args; until then nobody: {', '.join(block.other)}")
        )
    rules = _rules(block, people, block.plain if args else block.actions)
    return "\n".join([*lines, *(line for rule in rules for line in _rule(rule))])


def _rules(block: Block, people: People, actions: tuple[str, ...]) -> list[Table]:
    acl, rules = block.acl, list[Table]()
    channels = people.channels(acl)

    def add(what: str, verdict: str, actions: tuple[str, ...], **matchers: tuple[str, ...]) -> None:
        said = {name: values for name, values in matchers.items() if values}
        reason = {"reason": f"errbot's {block.title}"} if verdict == "deny" else {}
        name = f"{block.name}-{what}"
        rules.append({"name": name, "verdict": verdict, **reason, "actions": actions, **said})

    if actions:
        if acl.denyargs:
            add("denyargs", "deny", actions, channels=("*",), args=regexes_of(acl.denyargs))
        if acl.denyusers:
            add("denyusers", "deny", actions, channels=("*",), actors=people.actors(acl.denyusers))
        if denied := people.denied_channels(acl):
            add("denyrooms", "deny", actions, channels=denied)
        allowed = ("*",) if acl.allowusers is None else acl.allowusers
        args = () if acl.allowargs is None or "*" in acl.allowargs else regexes_of(acl.allowargs)
        if channels and allowed and acl.allowargs != ():
            add("allow", "allow", actions, channels=channels, args=args,
                actors=people.actors(allowed))  # fmt: skip
    if not block.last:
        add("else", "deny", block.actions, channels=("*",))
    return rules


def _has_args(acl: Acl) -> bool:
    return bool(acl.denyargs) or (acl.allowargs is not None and "*" not in acl.allowargs)


def _tables(people: People, controls: Controls) -> str:
    lines: list[str] = []
    if people.rooms:
        lines += ["[channels]", *(f"{key(n)} = {array((i,))}" for n, i in people.rooms.items()), ""]
    for name, slack in people.users.items():
        lines += [f"[users.{key(name)}]", f"slack = {array((slack,))}", ""]
    lines += [comment(note) for note in people.notes]
    if controls.admins:
        lines += [
            comment("BOT_ADMINS: what errbot keeps for them has no counterpart here."),
            "[groups]",
            f"errbot-admins = {array(people.actors(controls.admins))}",
            "",
        ]
    return "\n".join(lines)


def _rule(rule: Table) -> list[str]:
    values = (
        f"{name} = {text(value) if isinstance(value, str) else array(value)}"
        for name, value in rule.items()
    )
    return ["[[rule]]", *values, ""]
