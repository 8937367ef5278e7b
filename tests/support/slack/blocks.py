"""Whether Slack would take these blocks. https://docs.slack.dev/reference/block-kit/blocks

Pure: each fault is a sentence with the JSON pointer of where it is, as Slack tells it.
"""

from collections.abc import Iterator
from typing import Any

from support.slack.values import Json

TEXTS = {"plain_text", "mrkdwn"}
SELECTS = ("static_select", "multi_static_select", "external_select", "multi_external_select",
           "users_select", "multi_users_select", "conversations_select", "channels_select",
           "multi_channels_select", "multi_conversations_select")  # fmt: skip
INPUTS = (*SELECTS, "plain_text_input", "checkboxes", "radio_buttons", "datepicker", "timepicker",
          "datetimepicker", "number_input", "email_text_input", "url_text_input")  # fmt: skip
ELEMENTS = {*INPUTS, "button", "overflow", "image"}
BLOCKS = {"section", "divider", "header", "context", "actions", "input", "image", "markdown",
          "rich_text", "video", "file"}  # fmt: skip
WHOLE = 13_200
"""The letters that all blocks of a message may have."""


def faults(blocks: Any, at: str = "/blocks", most: int = 50) -> list[str]:
    """[] when these are good blocks of a message (or of a modal, with `most` 100)."""
    if not isinstance(blocks, list):
        return [f"must be an array [json-pointer:{at}]"]
    found = list(_counts(blocks, at, most))
    for place, block in enumerate(blocks):
        found += _block(block, f"{at}/{place}")
    return found


def view_faults(view: Json) -> list[str]:
    found = faults(view.get("blocks"), "/view/blocks", 100)
    if view.get("type") != "modal":
        found.append(_fault("unsupported type", "/view/type"))
    found += _text(view.get("title"), "/view/title", 24, {"plain_text"})
    for name in ("submit", "close"):
        if name in view:
            found += _text(view[name], f"/view/{name}", 24, {"plain_text"})
    found += _short(view, "callback_id", 255, "/view")
    found += _short(view, "private_metadata", 3000, "/view")
    inputs = any(isinstance(b, dict) and b.get("type") == "input" for b in view.get("blocks", []))
    if inputs and "submit" not in view:
        found.append(_fault("missing required field: submit", "/view"))
    return found


def letters(value: Any) -> int:
    """How many letters the texts of these blocks have."""
    if isinstance(value, list):
        return sum(letters(one) for one in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(letters(v) for v in value.values())


def elements(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """The interactive elements, each with its block's id."""
    for block in blocks:
        name = str(block.get("block_id", ""))
        inner = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in inner:
            if isinstance(element, dict) and "action_id" in element:
                yield name, element


def _fault(what: str, at: str) -> str:
    return f"{what} [json-pointer:{at}]"


def _counts(blocks: list[Any], at: str, most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield _fault(f"no more than {most} items allowed", at)
    names = [b["block_id"] for b in blocks if isinstance(b, dict) and b.get("block_id")]
    for name in {n for n in names if names.count(n) > 1}:
        yield _fault(f"`block_id` {name} already exists", at)


def _block(block: Any, at: str) -> Iterator[str]:
    if not isinstance(block, dict) or block.get("type") not in BLOCKS:
        yield _fault("unsupported type", f"{at}/type")
        return
    yield from _short(block, "block_id", 255, at)
    match block["type"]:
        case "section":
            yield from _section(block, at)
        case "header":
            yield from _text(block.get("text"), f"{at}/text", 150, {"plain_text"})
        case "context":
            yield from _many(block, at, 10)
        case "actions":
            yield from _many(block, at, 25)
        case "input":
            yield from _text(block.get("label"), f"{at}/label", 2000, {"plain_text"})
            yield from _element(block.get("element"), f"{at}/element")
        case "markdown":
            yield from _string(block.get("text"), f"{at}/text", 12_000)


def _section(block: Json, at: str) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" in block or not fields:
        yield from _text(block.get("text"), f"{at}/text", 3000)
    if len(fields) > 10:
        yield _fault("no more than 10 items allowed", f"{at}/fields")
    for place, field in enumerate(fields):
        yield from _text(field, f"{at}/fields/{place}", 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _many(block: Json, at: str, most: int) -> Iterator[str]:
    inner = block.get("elements")
    if not isinstance(inner, list) or not inner:
        yield _fault("must provide at least 1 item", f"{at}/elements")
        return
    if len(inner) > most:
        yield _fault(f"no more than {most} items allowed", f"{at}/elements")
    names = [e.get("action_id") for e in inner if isinstance(e, dict) and "action_id" in e]
    if len(names) != len(set(names)):
        yield _fault("`action_id` already exists", f"{at}/elements")
    for place, element in enumerate(inner):
        here = f"{at}/elements/{place}"
        texts = block["type"] == "context" and element.get("type") in TEXTS
        yield from _text(element, here, 3000) if texts else _element(element, here)


def _element(element: Any, at: str) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") not in ELEMENTS:
        yield _fault("unsupported type", f"{at}/type")
        return
    yield from _short(element, "action_id", 255, at)
    if element["type"] == "button":
        yield from _text(element.get("text"), f"{at}/text", 75, {"plain_text"})
        yield from _short(element, "value", 2000, at)
        if element.get("style", "primary") not in ("primary", "danger"):
            yield _fault("unsupported style", f"{at}/style")
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{at}/placeholder", 150, {"plain_text"})
    if "confirm" in element:
        yield from _text(element["confirm"].get("title"), f"{at}/confirm/title", 100)
        yield from _text(element["confirm"].get("text"), f"{at}/confirm/text", 300)
    if "options" in element or element["type"] in ("static_select", "checkboxes", "radio_buttons"):
        yield from _options(element, at)


def _options(element: Json, at: str) -> Iterator[str]:
    groups = element.get("option_groups")
    options = [o for g in groups for o in g["options"]] if groups else element.get("options")
    most = 10 if element["type"] in ("checkboxes", "radio_buttons") else 100
    if not options:
        yield _fault("must provide at least 1 item", f"{at}/options")
        return
    if len(options) > most and not groups:
        yield _fault(f"no more than {most} items allowed", f"{at}/options")
    for place, option in enumerate(options):
        yield from _text(option.get("text"), f"{at}/options/{place}/text", 75)
        yield from _string(option.get("value"), f"{at}/options/{place}/value", 150)
    initial = element.get("initial_options", [])
    for chosen in [*initial, *([element["initial_option"]] if "initial_option" in element else [])]:
        if chosen not in options:
            yield _fault("initial option is not one of the options", at)


def _text(text: Any, at: str, most: int, types: set[str] = TEXTS) -> Iterator[str]:
    if not isinstance(text, dict):
        yield _fault("missing required field: text", at)
    elif text.get("type") not in types:
        yield _fault("unsupported type of text", f"{at}/type")
    else:
        yield from _string(text.get("text"), f"{at}/text", most)


def _string(text: Any, at: str, most: int) -> Iterator[str]:
    if not isinstance(text, str) or not text:
        yield _fault("must be more than 0 characters", at)
    elif len(text) > most:
        yield _fault(f"must be less than {most + 1} characters", at)


def _short(owner: Json, name: str, most: int, at: str) -> Iterator[str]:
    if len(str(owner.get(name, ""))) > most:
        yield _fault(f"must be less than {most + 1} characters", f"{at}/{name}")
