"""How a job is run, whatever its action: `priority=high timeout=15m not_before=2h lock=a,b`."""

from datetime import datetime
from typing import Any

import msgspec

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.actions.texts import moment, number, one_of, seconds, words
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Options, Priority

OPTIONS = ("priority", "timeout", "not_before", "lock", "locks", "retries")


def put_option(options: dict[str, Any], name: str, text: str, now: datetime) -> None:
    """Locks add up; of the others the last one counts."""
    try:
        match name:
            case "priority":
                options[name] = one_of(tuple(each.value for each in Priority))(text)
            case "timeout":
                options[name] = seconds(text)
            case "not_before":
                options[name] = moment(text, now)
            case "retries":
                options[name] = number(int)(text)
            case _:
                options["locks"] = (*options.get("locks", ()), *words(text))
    except Mistake as error:
        raise Mistake(str(error), field=name) from None


def check_options(options: dict[str, Any]) -> None:
    try:
        msgspec.convert(options, Options)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from None
