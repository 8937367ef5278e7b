"""The entry point: what must be quick by itself, all else by the command line."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["confd"]:
        from bootstrapper.processes import confd  # noqa: PLC0415 (each its own imports)

        return confd.main(words[1:])
    if words[:1] == ["serf-handler"]:
        from bootstrapper.cli import serf_handler  # noqa: PLC0415

        return serf_handler.main(words[1:])
    from bootstrapper.cli import main as cli  # noqa: PLC0415

    return cli.main(words)


if __name__ == "__main__":
    raise SystemExit(main())
