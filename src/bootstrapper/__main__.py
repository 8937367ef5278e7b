"""`python -m bootstrapper` is `bootstrapper`."""

from bootstrapper.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
