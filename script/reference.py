"""Write docs/reference/settings.md and events.md from the definitions. A test holds them true."""

import sys
from pathlib import Path
from typing import get_args

import msgspec

from bootstrapper.events import AnyEvent
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.values import Signal
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


def _plain_fleet(kind: object) -> str:
    if kind is Signal:
        return "one of the signals below"
    return "one of the kinds below" if kind == Kind else _plain(kind)


def _one_line(text: str) -> str:
    return " ".join(text.split()) + "\n" if text else ""


def _plain(kind: object) -> str:
    text = str(kind).replace("typing.", "").replace("bootstrapper.jobs.states.", "")
    return text.replace("<class '", "").replace("<enum '", "").replace("'>", "")


PAGES = {"settings.md": settings_page, "events.md": events_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
        sys.stdout.write(f"docs/reference/{name}\n")
