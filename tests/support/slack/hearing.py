"""A small app of Bolt that notes what it hears: what the fake Slack is tried with."""

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from support.slack.people import FakeSlack

BUTTONS = [{"type": "actions", "elements": [
    {"type": "button", "action_id": "approve", "value": "J1",
     "text": {"type": "plain_text", "text": "Approve"}}]}]  # fmt: skip
MODAL = {"type": "modal", "callback_id": "ask", "title": {"type": "plain_text", "text": "Ask"},
         "submit": {"type": "plain_text", "text": "Go"}, "private_metadata": "carried",
         "blocks": [{"type": "input", "block_id": "version",
                     "label": {"type": "plain_text", "text": "Version"},
                     "element": {"type": "plain_text_input", "action_id": "v"}},
                    {"type": "input", "block_id": "where",
                     "label": {"type": "plain_text", "text": "Where"},
                     "element": {"type": "static_select", "action_id": "w", "options": [
                         {"text": {"type": "plain_text", "text": "Staging"},
                          "value": "staging"}]}}]}  # fmt: skip


class Heard:
    """An app that notes what it hears. `deaf`: so many events are answered with an error."""

    def __init__(self, slack: FakeSlack) -> None:
        self.client = WebClient(slack.bot_token, base_url=slack.api)
        self.app = App(client=self.client, signing_secret=slack.signing_secret,
                       raise_error_for_unhandled_request=False)  # fmt: skip
        self.heard: list[tuple[str, Any]] = []
        for name in ("app_mention", "message"):
            self.app.event(name)(self._event)
        self.app.command("/b")(self._command)
        self.app.action("approve")(self._action)
        self.app.view("ask")(self._view)

    def of(self, kind: str) -> list[Any]:
        return [value for what, value in self.heard if what == kind]

    def _event(self, body: dict[str, Any]) -> None:
        self.heard.append((body["event"]["type"], body))

    def _command(self, ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack("taken")
        self.heard.append(("command", body["text"]))
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    def _action(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        ack()
        self.heard.append(("action", body["actions"][0]["value"]))
        respond(text="approved", replace_original=True)

    def _view(self, ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        self.heard.append(("view", (values["version"]["v"]["value"], view["private_metadata"])))
        if values["version"]["v"]["value"] == "bad":
            ack(response_action="errors", errors={"version": "no such version"})
        else:
            ack()
