"""Write the pages of docs/reference that the definitions say. A test holds them true."""

import sys
from pathlib import Path
from typing import get_args

import msgspec

from bootstrapper.events import AnyEvent
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.values import Signal
from bootstrapper.notify.notice import SEVERITIES, Notice
from bootstrapper.notify.types import TYPES
from bootstrapper.settings import describe

REFERENCE = Path(__file__).resolve().parent.parent / "docs/reference"


def settings_page() -> str:
    rows = "\n".join(
        f"| `{name}` | `{default or '{}'}` | {text.replace('|', chr(92) + '|')} |"
        for name, _, default, text in describe()
    )
    return f"""# Settings

`/etc/bootstrapper/bootstrapper.toml`, else `$XDG_CONFIG_HOME/bootstrapper/bootstrapper.toml`, or
the file that `--settings` or `BOOTSTRAPPER_SETTINGS` names. No file is needed. A variable
`BOOTSTRAPPER_<SECTION>_<FIELD>` wins over the file: `BOOTSTRAPPER_API_BIND=0.0.0.0:8410`; several
values are separated by commas, numbers and booleans are written as in TOML. `bootstrapper settings
check` lists all faults at once, misspelt variables too, and starts nothing; `bootstrapper settings
show` prints what is in force.

Durations are seconds. A dot is a section: `api.bind` is `bind` below `[api]`.

| setting | default | is |
|---|---|---|
{rows}

A secret is a table with one of `file`, `env` or `credential` (a systemd credential):

```toml
[secrets.deploy]
file = "/etc/bootstrapper/deploy.key"
```
"""


def events_page() -> str:
    sections = []
    for kind in get_args(AnyEvent):
        config = kind.__struct_config__
        fields = "".join(
            f"| `{field.encode_name}` | `{_plain(field.type)}` |\n"
            for field in msgspec.structs.fields(kind)
        )
        doc = (kind.__doc__ or "").strip()
        table = f"\n| field | type |\n|---|---|\n{fields}" if fields else ""
        sections.append(f"## {config.tag}\n\n{_one_line(doc)}{table}".replace("\n\n\n", "\n\n"))
    return f"""# Events

A job's journal holds these. Each has `seq` (from 1, without a gap), `at` (RFC 3339, UTC), `type`,
and its fields; a field at its default is left out.

{chr(10).join(sections)}
{fleet_section()}"""


def fleet_section() -> str:
    kinds = ", ".join(f"`{kind}`" for kind in get_args(Kind))
    rows = "".join(
        f"| `{signal.value}` | {'a guess: the brakes hold' if signal.guess else 'certain'} |\n"
        for signal in Signal
    )
    fields = "".join(
        f"| `{field.encode_name}` | `{_plain_fleet(field.type)}` |\n"
        for field in msgspec.structs.fields(FleetEvent)
    )
    return f"""## Events of the fleet

Each change of the fleet is one, written together with what it tells of; `fleet.events_kept` of
them are kept below `fleet.prefix`. The API adds `text`, one sentence that says all of it, and
writes `at` as RFC 3339. {_one_line(FleetEvent.__doc__ or "").strip()}

| field | type |
|---|---|
{fields}
`kind` is one of {kinds}.

| `signal`: what told of it first | |
|---|---|
{rows}"""


def notifications_page() -> str:
    rows = "".join(
        f"| `{name}` | {kind.severity} | {'yes' if kind.lasts else ''} | "
        f"{', '.join(f'`{each}`' for each in kind.ends)} | {kind.doc} |\n"
        for name, kind in TYPES.items()
    )
    fields = "".join(
        f"| `{field.encode_name}` | `{_plain(field.type)}` |\n"
        for field in msgspec.structs.fields(Notice)
    )
    return f"""# Notifications

Ends of jobs, events of the fleet and what scripts raise are notices. Rules of the settings
(`notify.rules`) say which of them go to which receivers (`notify.receivers`), grouped and paced.

## Types

What lasts holds until a notice that ends it has the same subject. Severities, from the least:
{", ".join(SEVERITIES)}.

| type | severity | lasts | ends | told when |
|---|---|---|---|---|
{rows}
A script may raise these and any other type (`[a-z][a-z0-9_]*`): one that is not in the table is a
`warning`, and does not last, unless the script says so.

```sh
bootstrapper notify raise --type no_free_address --subject address:prod --text "all 5 are taken"
bootstrapper notify raise --type no_free_address --subject address:prod --resolved
```

## When a message goes

The first message of a group goes `group_wait` after its first notice; news of it, `group_interval`
after the message before; what still holds without news is told again each `repeat`. What is over is
told once (`resolved`); what does not last is told once and forgotten. Beyond `digest` notices a
message only counts. In `quiet` hours nothing goes, but for what is critical (`critical_passes`).
After `notify.keep` seconds what nobody ended is repeated no more.

## Receivers

A message has an id that is the same each time that it is tried. One that was under way when the
process was killed is sent again.

| kind | a double is seen by | is written |
|---|---|---|
| `slack` | us: the message with that mark is looked for first | once |
| `webhook` | the receiver: `webhook-id` is the same | at least once |
| `email` | the mailbox: `Message-ID` is the same | at least once |
| `apprise` | nobody | at least once |

A receiver that is away is tried again after 1 s, 2 s, … up to 5 minutes (or as its `Retry-After`
says) and holds up no other; a message that is refused for an hour is given up. Where some of a
receiver's addresses or URLs take a message and others do not, it is tried for an hour on those
alone: whoever must be waited for longer should be a receiver of its own. `bootstrapper notify test`
tries each receiver from the settings of this machine; `bootstrapper notify status` shows what is
held, what waits and the last failure of each.

## Webhooks

The body is JSON: `id`, `type` (`notices`), `timestamp`, `receiver`, `rule`, `why`, `severity`,
`title`, `text`, `labels`, `opened` and `ended` (notices), `more` (type → how many are only
counted). It is signed as [Standard Webhooks](https://www.standardwebhooks.com) has it:
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over
`<webhook-id>.<webhook-timestamp>.<body>`. Of the secret, what follows `whsec_` is base64; any other
text is the key itself. No redirect is followed.

A notice is:

| field | type |
|---|---|
{fields}
{_one_line(Notice.__doc__ or "")}"""


def _plain_fleet(kind: object) -> str:
    if kind is Signal:
        return "one of the signals below"
    return "one of the kinds below" if kind == Kind else _plain(kind)


def _one_line(text: str) -> str:
    return " ".join(text.split()) + "\n" if text else ""


def _plain(kind: object) -> str:
    text = str(kind).replace("typing.", "").replace("bootstrapper.jobs.states.", "")
    return text.replace("<class '", "").replace("<enum '", "").replace("'>", "")


PAGES = {
    "settings.md": settings_page,
    "events.md": events_page,
    "notifications.md": notifications_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
        sys.stdout.write(f"docs/reference/{name}\n")
