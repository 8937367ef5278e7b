"""What somebody types into a choice that is looked up: answered at once, kept nowhere."""

import msgspec

from bootstrapper.chat.heard import Place

Choice = tuple[str, str]
"""What the person reads, and what the form then carries."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """`form`: its callback_id, and `carried` its private_metadata ("" outside of a form, where
    `place` is known); `block`: the id of the block that `text` was typed into."""

    user: str
    place: Place
    block: str
    text: str
    form: str = ""
    carried: str = ""
