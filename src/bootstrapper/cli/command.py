"""A command as a value, and what it has at hand when it runs."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from bootstrapper import settings
from bootstrapper.cli.connect import choose_url, find_token
from bootstrapper.cli.output import Output
from bootstrapper.client import Client
from bootstrapper.settings import Settings


class Session:
    """The parsed arguments, the output, and the server and settings once somebody asks."""

    def __init__(self, args: Namespace, out: Output) -> None:
        self.args = args
        self.out = out

    @property
    def settings_file(self) -> Path | None:
        """The one in force, named by the caller or found."""
        named = self.args.settings or os.environ.get(settings.ENVIRONMENT + "SETTINGS")
        return Path(named) if named else settings.find()

    @cached_property
    def settings(self) -> Settings:
        return settings.load(self.settings_file)

    @cached_property
    def client(self) -> Client:
        file = Path(self.args.token_file) if self.args.token_file else None
        url = choose_url(self.args.url, os.environ, lambda: self.settings)
        return Client(url, find_token(file, url, os.environ, lambda: self.settings))


def _nothing(parser: ArgumentParser) -> None:
    """It takes no arguments."""


class Command(Struct, frozen=True, kw_only=True):
    """`parts` are its own subcommands; without `run` one of them must be named."""

    name: str
    summary: str
    run: Callable[[Session], int] | None = None
    arguments: Callable[[ArgumentParser], None] = _nothing
    parts: tuple["Command", ...] = ()
    details: str = ""
