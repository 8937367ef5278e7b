"""What a value that does not fit its type is told: a Mistake that names the field.

msgspec puts the name of a missing or an unknown field into the sentence, and only the place of what
holds it beside that; the caller wants the field.
"""

import re

from msgspec import ValidationError

from bootstrapper.errors import Mistake

NAMED = re.compile(r"Object (?:missing required|contains unknown) field (\S+)")
PATTERN = "matching regex"
"""A pattern is no sentence."""


def mistake_of(error: ValidationError) -> Mistake:
    message, _, place = str(error).replace("`", "").partition(" - at ")
    place = place.removeprefix("$").removeprefix(".")
    if PATTERN in message:
        message = "it holds a letter that it must not hold, or begins with one"
    if named := NAMED.fullmatch(message):
        place = f"{place}.{named[1]}" if place else named[1]
    return Mistake(message, field=place)
