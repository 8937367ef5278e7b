"""Block Kit's parts of a form, each within Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks/input-block/ and what it links to.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from bootstrapper.chat.message import Block

MOST_BLOCKS = 100
MOST_OPTIONS = 100
OPTION_LETTERS = 75
VALUE_LETTERS = 150
TITLE_LETTERS = 24
PLACEHOLDER_LETTERS = 150
HINT_LETTERS = 2000
INPUT_LETTERS = 3000
YES = "yes"
"""What a ticked box gives."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """`shown`: where it is not the value itself; `about`: one line more."""

    value: str
    shown: str = ""
    about: str = ""


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": clipped(text, most), "emoji": False}


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def field_block(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = True
) -> Block:
    """`name` is both the block's id and the element's: what is put in comes back under it."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, HINT_LETTERS),
        "element": element | {"action_id": name},
        "optional": optional,
    }
    return block | ({"hint": plain(hint, HINT_LETTERS)} if hint else {})


def text_input(*, initial: str = "", lines: bool = False) -> Block:
    found: Block = {"type": "plain_text_input", "multiline": lines, "max_length": INPUT_LETTERS}
    # A text that does not fit is left out: half of it would be another request.
    fits = initial and len(initial) <= INPUT_LETTERS
    return found | ({"initial_value": initial} if fits else {})


def number_input(*, decimal: bool, initial: str = "") -> Block:
    found: Block = {"type": "number_input", "is_decimal_allowed": decimal}
    return found | ({"initial_value": initial} if initial else {})


def tick_box(text: str, *, ticked: bool) -> Block:
    options = [option(Choice(value=YES, shown=text))]
    found: Block = {"type": "checkboxes", "options": options}
    return found | ({"initial_options": options} if ticked else {})


def select(
    choices: Sequence[Choice], chosen: Iterable[str], *, many: bool, placeholder: str = ""
) -> Block:
    """A menu; of more choices than one holds, one whose choices are asked for as one types."""
    static = len(choices) <= MOST_OPTIONS
    options = [option(each) for each in choices]
    of = {each["value"]: each for each in options}
    initial = [of.get(value) or option(Choice(value=value)) for value in chosen]
    found: Block = {
        "type": f"{'multi_' if many else ''}{'static' if static else 'external'}_select"
    }
    found |= {"options": options} if static else {"min_query_length": 0}
    if placeholder:
        found["placeholder"] = plain(placeholder, PLACEHOLDER_LETTERS)
    if initial and many:
        return found | {"initial_options": initial}
    return found | ({"initial_option": initial[0]} if initial else {})


def option(choice: Choice) -> Block:
    found: dict[str, Any] = {
        "text": plain(choice.shown or choice.value, OPTION_LETTERS),
        "value": choice.value,
    }
    about = re.sub(r"\s+", " ", choice.about).strip()
    return found | ({"description": plain(about, OPTION_LETTERS)} if about else {})
