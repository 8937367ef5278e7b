"""The atomic steps on Redis, by name: `lua/prelude.lua` and one file each."""

from importlib.resources import files
from typing import Any

import msgspec

from bootstrapper.redis_link import Client


class Scripts:
    def __init__(self, client: Client, prefix: str) -> None:
        folder = files("bootstrapper.jobs") / "lua"
        prelude = (folder / "prelude.lua").read_text()
        self._prefix = prefix
        self._scripts = {
            name: client.register_script(prelude + (folder / f"{name}.lua").read_text())
            for name in ("submit", "append", "approve", "claim", "finish")
        }

    def run(self, name: str, call: dict[str, Any], *, client: Any = None) -> Any:
        """Run it at once, or queue it on `client` when that is a pipeline."""
        arguments = [msgspec.json.encode(call)]
        return self._scripts[name](keys=[self._prefix], args=arguments, client=client)
