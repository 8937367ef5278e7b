"""Jobs, nodes and chains as messages. Pure: `now` is an argument."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bootstrapper.chat.blocks.job import EMOJI, where
from bootstrapper.chat.blocks.text import (
    FALLBACK,
    SECTION,
    clip,
    code,
    fenced,
    moment,
    plain,
    section,
)
from bootstrapper.chat.message import Message
from bootstrapper.chat.progress.asked import asked_of
from bootstrapper.clock import to_text
from bootstrapper.fleet.chain import Chain, Step
from bootstrapper.fleet.standing import standing
from bootstrapper.fleet.values import Fleet, Node
from bootstrapper.jobs.job import Job

SHOWN = 8  # letters of an id that are enough to name the job
COLUMN = 40  # letters of a cell
STEPS = 25
ROOM = 12_000  # letters: all blocks of a message have 13,200
LINE = 280


def titled(title: str, lines: Sequence[str]) -> Message:
    """The lines in as many sections as they need, and no more than fit into a message."""
    sections, part, room = [title], "", ROOM
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            part = f"{part}\nand {len(lines) - number} more"
            break
        if len(part) + len(line) + 1 > SECTION:
            sections.append(part)
            part = ""
        part = f"{part}\n{line}" if part else line
    blocks = tuple(section(each) for each in [*sections, part] if each)
    return Message(text=clip(title, FALLBACK), blocks=blocks)


def jobs_list(jobs: Sequence[Job]) -> Message:
    if not jobs:
        return titled("No such jobs that you may see.", ())
    return titled(f"The newest {len(jobs)} jobs", [_job_line(job) for job in jobs])


def nodes_table(fleet: Fleet, nodes: Sequence[Node]) -> Message:
    if not nodes:
        return titled("No nodes are alive there.", ())
    rows = [
        (each.name, standing(each, fleet).value, each.address, each.cluster, each.role)
        for each in nodes
    ]
    lines = _table(("NODE", "STATE", "ADDRESS", "CLUSTER", "ROLE"), rows)
    title = f"{len(nodes)} node{'s' * (len(nodes) != 1)}"
    fitting, left = _fitting(lines, SECTION - 100)
    more = f"\nand {left} more" if left else ""
    text = f"{title}\n{fenced(chr(10).join(fitting), SECTION - 60)}{more}"
    return Message(text=title, blocks=(section(text),))


def chain_story(chain: Chain) -> Message:
    """The verdict, then each step: when, and what."""
    sign = ":white_check_mark:" if chain.well else ":x:"
    lines = [_step_line(step) for step in chain.steps[:STEPS]]
    if len(chain.steps) > STEPS:
        lines.append(f"and {len(chain.steps) - STEPS} steps before that")
    return titled(f"{sign} *{plain(chain.verdict, 500)}*", lines)


def _job_line(job: Job) -> str:
    asked = asked_of(job, ())
    what = " ".join(part for part in (asked.action, asked.what) if part)
    place = where(asked)
    parts = [
        f"{EMOJI[job.state]} {code(job.id[-SHOWN:])} *{plain(what, 120)}*",
        plain(place, 80) if place else "",
        str(job.state),
        plain(asked.actor, 60),
        moment(job.spec.created),
    ]
    return " · ".join(part for part in parts if part)


def _step_line(step: Step) -> str:
    at = moment(to_text(datetime.fromtimestamp(step.at, UTC))) if step.at else "now"
    return f"{at}  {plain(step.text, LINE)}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [headings, *([clip(cell, COLUMN) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """As many as there is room for, and how many are left out. Escaping may make them longer."""
    fitting: list[str] = []
    for line in lines:
        room -= len(line) + 1 + 4 * sum(line.count(letter) for letter in "&<>")
        if room < 0:
            break
        fitting.append(line)
    return fitting, len(lines) - len(fitting)
