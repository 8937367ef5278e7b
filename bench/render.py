"""Rendering 10,000 keys, against Jinja2; a whole onetime run, and the start of the program."""

import statistics
import subprocess
from pathlib import Path

import jinja2

from bench.measure import Figure, keep, seconds
from bench.proxy_stage import BIN, PEER, RANGE
from bootstrapper.templates.functions import functions
from bootstrapper.templates.gotemplate import parse
from bootstrapper.templates.keys import Keys
from support.services import short_folder

KEYS, ROUNDS = 10_000, 30
JINJA = "{% for kv in pairs %}    server {{ kv.key | basename }} {{ kv.value }}\n{% endfor %}"


def main() -> None:
    values = {f"/proxy/frontend/s{n:05}": f"10.0.{n // 250}.{n % 250}:80" for n in range(KEYS)}
    keys = Keys()
    keys.replace(values)
    template = parse("bench", RANGE, functions(keys))
    environment = jinja2.Environment(autoescape=False)
    environment.filters["basename"] = lambda text: text.rpartition("/")[2]
    other = environment.from_string(JINJA)
    pairs = [{"key": key, "value": value} for key, value in sorted(values.items())]
    assert template.render() == other.render(pairs=pairs)
    ours = statistics.median(seconds(template.render) for _ in range(ROUNDS)) * 1000
    jinja = [seconds(lambda: other.render(pairs=pairs)) for _ in range(ROUNDS)]
    with short_folder("render") as folder:
        whole = [*once(folder, values), *start(folder)]
    keep(
        "render",
        Figure(what=f"render a range of {KEYS} keys (peer: Jinja2)", value=ours, unit="ms",
               limit=10, ours=ours, peer=statistics.median(jinja) * 1000),
        *whole,
    )  # fmt: skip


def once(folder: Path, values: dict[str, str]) -> list[Figure]:
    """A whole onetime run over a file of 10,000 keys: confd's own is the peer."""
    confdir = write(folder / "many", RANGE)
    lines = (f'  {key.rpartition("/")[2]}: "{value}"' for key, value in values.items())
    (folder / "many.yml").write_text("proxy:\n frontend:\n" + "\n".join(lines) + "\n")
    words = ["-onetime", "-backend", "file", "-file", str(folder / "many.yml"),
             "-confdir", str(confdir)]  # fmt: skip
    if not PEER:
        return []
    ours, peer = run([*OURS, *words]), run([PEER, *words])
    return [
        Figure(what=f"onetime over {KEYS} keys", value=ours / peer, unit="× the peer's time",
               limit=2, ours=ours, peer=peer)
    ]  # fmt: skip


def start(folder: Path) -> list[Figure]:
    confdir = write(folder / "one", '{{getv "/name"}}\n')
    words = ["-onetime", "-backend", "env", "-confdir", str(confdir)]
    cases = {"confd -version": ["-version"], "confd -onetime, one key": words}
    return [
        Figure(what=f"bootstrapper {what}", value=run([*OURS, *rest]) * 1000, unit="ms", limit=150)
        for what, rest in cases.items()
    ]


OURS = [str(BIN / "bootstrapper"), "confd"]


def run(command: list[str], rounds: int = 15) -> float:
    def call() -> None:
        environment = {"NAME": "value", "PATH": "/usr/bin:/bin", "XDG_STATE_HOME": "/tmp"}
        subprocess.run(command, check=True, env=environment, capture_output=True)

    call()
    return statistics.median(seconds(call) for _ in range(rounds))


def write(confdir: Path, template: str) -> Path:
    for name in ("conf.d", "templates"):
        (confdir / name).mkdir(parents=True)
    (confdir / "templates" / "t.tmpl").write_text(template)
    (confdir / "conf.d" / "t.toml").write_text(
        f'[template]\nsrc = "t.tmpl"\ndest = "{confdir}/out"\nkeys = ["/proxy/frontend", "/name"]\n'
    )
    return confdir


if __name__ == "__main__":
    main()
