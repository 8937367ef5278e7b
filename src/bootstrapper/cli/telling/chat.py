"""What the check of the chat found, in lines."""

from collections.abc import Iterable, Iterator

from bootstrapper.cli.telling.lines import Line, Tone, one_line


def tell_check(mode: str, findings: Iterable[tuple[str, bool, str]]) -> Iterator[Line]:
    """Each is a place, whether it is good, and what is so."""
    yield Line(f"mode: {mode}", Tone.DIM)
    for place, good, text in findings:
        word, tone = ("ok", Tone.GOOD) if good else ("missing", Tone.BAD)
        yield Line(f"{word:<8} {place}: {one_line(text)}", tone)
