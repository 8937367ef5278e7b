"""The people of the workspace: what they say, click and fill in, and what they see.

    slack = FakeSlack().start()
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    slack.says(ann, ops, "<@BOT> status")
    slack.messages(ops)[-1].text

What they do is sent to the app at once; `Delivery.ack()` waits until the app has taken it.
"""

from collections.abc import Mapping
from typing import Any

from support.slack import payloads
from support.slack.blocks import elements
from support.slack.delivery import EVENTS, INTERACTIVE, SLASH, Delivery
from support.slack.fields import filled, option
from support.slack.shapes import named
from support.slack.values import BOT, Edit, Json, Posted, View, Whisper
from support.slack.workspace import SlackServer


class FakeSlack(SlackServer):
    # What they do

    def says(self, user: str, channel: str, text: str, thread: str = "") -> Posted:
        """The bot hears it where it is mentioned, and in its own conversations."""
        space, room = self.space, self.space.room(channel)
        assert user in room.members, f"{user} is not in {room.name or room.id}"
        message = space.post(Posted(room.id, space.ts(), user,
                                    text.replace("<@BOT>", f"<@{BOT}>"), [], thread))  # fmt: skip
        if BOT in room.members and (room.kind == "im" or f"<@{BOT}>" in message.text):
            self.courier.deliver(EVENTS, payloads.spoken(space, room, message))
        return message

    def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """A slash command; nobody else sees it. An answer in its ack is shown, as Slack does."""
        space = self.space
        payload = payloads.slash(space, user, space.room(channel), command, text)
        return self.courier.deliver(SLASH, payload)

    def click(self, user: str, seen: Posted | Whisper, action: str, block: str = "") -> Delivery:
        """A button of a message, by its action_id (and its block, where several have it)."""
        name, element = self._element(seen, action, block)
        assert element["type"] == "button", f"{action} is a {element['type']}"
        return self._act(user, seen, {
            "type": "button", "action_id": action, "block_id": name, "text": element["text"],
            "action_ts": self.space.ts(),
            **{k: element[k] for k in ("value", "style") if k in element}})  # fmt: skip

    def chooses(
        self, user: str, seen: Posted | Whisper, action: str, value: str, block: str = ""
    ) -> Delivery:
        """An option of a select or an overflow menu in a message."""
        name, element = self._element(seen, action, block)
        return self._act(user, seen, {
            "type": element["type"], "action_id": action, "block_id": name,
            "selected_option": option(element, value), "action_ts": self.space.ts()})  # fmt: skip

    def fills(self, user: str, view: View, values: Mapping[str, Any], within: float = 5.0) -> Json:
        """Send a modal. The ack's answer: {} when it was taken, or a response_action."""
        assert view.user == user, f"{user} does not see this form"
        assert not view.closed, "the form is closed"
        state = filled(view, values)
        payload = payloads.submitted(self.space, view, state)
        answer = self.courier.deliver(INTERACTIVE, payload).ack(within)
        self._answered(view, answer)
        return answer

    def picks(self, user: str, view: View, block: str, value: str) -> Delivery:
        """An option in a modal that tells the app at once (`dispatch_action`)."""
        assert view.user == user, f"{user} does not see this form"
        found = [(n, e) for n, e in elements(view.body["blocks"]) if n == block]
        assert found, f"the form has no {block}"
        _, element = found[0]
        chosen = option(element, value)
        state = {block: {element["action_id"]: {
            "type": element["type"], "selected_option": chosen}}}  # fmt: skip
        return self.courier.deliver(INTERACTIVE, payloads.picked(self.space, view, state, {
            "type": element["type"], "action_id": element["action_id"], "block_id": block,
            "selected_option": chosen, "action_ts": self.space.ts()}))  # fmt: skip

    def types(self, user: str, view: View, block: str, typed: str, within: float = 5.0) -> Json:
        """Letters in an external select; the ack's answer holds the options."""
        assert view.user == user, f"{user} does not see this form"
        action = next(e["action_id"] for n, e in elements(view.body["blocks"]) if n == block)
        payload = payloads.suggestion(self.space, view, block, action, typed)
        return self.courier.deliver(INTERACTIVE, payload).ack(within)

    def dismisses(self, user: str, view: View) -> None:
        assert view.user == user, f"{user} does not see this form"
        view.closed = True
        if view.body.get("notify_on_close"):
            self.courier.deliver(INTERACTIVE, payloads.closed(self.space, view))

    # What they see

    def messages(self, channel: str) -> list[Posted]:
        """All in this channel, those in threads too, oldest first."""
        room = self.space.room(channel)
        with self.space.lock:
            return [m for m in self.space.messages if m.channel == room.id and not m.deleted]

    def said(self, channel: str) -> list[Posted]:
        """What the bot said there."""
        return [message for message in self.messages(channel) if message.by_bot]

    def thread(self, ts: str) -> list[Posted]:
        """The replies in this thread, oldest first."""
        with self.space.lock:
            return [m for m in self.space.messages if m.thread == ts and not m.deleted]

    def edits(self, ts: str) -> list[Edit]:
        """What this message has been, from how it was posted to what it is, with the times."""
        with self.space.lock:
            return [edit for m in self.space.messages if m.ts == ts for edit in m.edits]

    def whispers(self, user: str) -> list[Whisper]:
        with self.space.lock:
            return [w for w in self.space.whispers if w.user == user and not w.deleted]

    def opened(self, user: str) -> list[View]:
        """The modals that this user has open; the last is on top."""
        with self.space.lock:
            return [v for v in self.space.views if v.user == user and not v.closed]

    def _element(self, seen: Posted | Whisper, action: str, block: str) -> tuple[str, Json]:
        assert not seen.deleted, "the message is gone"
        for name, element in elements(seen.blocks):
            if element["action_id"] == action and block in ("", name):
                return name, element
        has = [element["action_id"] for _, element in elements(seen.blocks)]
        raise AssertionError(f"the message has no {action}, but {has}")

    def _act(self, user: str, seen: Posted | Whisper, action: Json) -> Delivery:
        room = self.space.room(seen.channel)
        sees = user == seen.user if isinstance(seen, Whisper) else user in room.members
        assert sees, f"{user} does not see this message"
        payload = payloads.clicked(self.space, user, room, seen, action)
        return self.courier.deliver(INTERACTIVE, payload)

    def _answered(self, view: View, answer: Json) -> None:
        match answer.get("response_action"):
            case "errors":
                blocks = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
                assert set(answer["errors"]) <= blocks, f"errors of no input: {answer['errors']}"
                view.errors = answer["errors"]
            case "update":
                view.body = {**answer["view"], "blocks": self._named(answer["view"])}
            case "push":
                body = {**answer["view"], "blocks": self._named(answer["view"])}
                self.space.views.append(View(self.space.id("V"), view.user, body))
            case "clear":
                for one in self.opened(view.user):
                    one.closed = True
            case _:
                view.closed = True

    def _named(self, view: Json) -> list[Json]:
        return named(self.space.id, view["blocks"])
