"""Who asks. Every face turns its caller into an actor; the policy knows nothing else of them."""

import msgspec


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is `kind:name`: user:alice, token:deploy, network:office, system:owner, slack:U123.

    `groups` are those the policy file puts it in (`with_groups`); `via` is the face it came
    through: api, cli, chat, form2015 or system. `channel` is where in the chat they spoke: a
    channel's id, or `direct`; "" for those who did not.
    """

    name: str
    groups: frozenset[str] = frozenset()
    via: str = "api"
    channel: str = ""

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]
