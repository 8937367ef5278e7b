"""The demo: start everything in a folder of its own, run a job by the CLI, say what to try next."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

TOP = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
FOLDER = HOME / "bootstrapper-demo"
PROGRAM = Path(sys.executable).parent / "bootstrapper"
START_SECONDS = 30.0


def main() -> int:
    stay = "--exit" not in sys.argv[1:]
    address = f"127.0.0.1:{free_port()}"
    environment = prepare(address)
    up = subprocess.Popen(
        [PROGRAM, "up"], env=environment, stdin=subprocess.DEVNULL,
        stderr=(FOLDER / "up.log").open("w"),
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        wait_until_ready(address, up)
        say(f"\nBootstrapper is up at http://{address}. Applying the role `welcome` here:\n")
        code = subprocess.call([PROGRAM, "role", "welcome", "localhost", "-D"], env=environment)
        tell(address, code)
        if stay:
            signal.sigwait({signal.SIGINT})
        return code
    except KeyboardInterrupt:
        return 130
    finally:
        up.terminate()
        up.wait()


def prepare(address: str) -> dict[str, str]:
    """Settings for a private run. Its state starts anew each time, but for the content's cache."""
    for old in (FOLDER / "site", *(FOLDER / "state").glob("*")):
        if old.name != "content" and old.exists():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    (FOLDER / "site").mkdir(parents=True)
    settings = FOLDER / "bootstrapper.toml"
    settings.write_text(
        f'state = "{FOLDER / "state"}"\n'
        f'[api]\nbind = "{address}"\n'
        f'[content]\npath = "{TOP / "examples/demo"}"\n'
        '[log]\nformat = "text"\n'
    )
    kept = {name: text for name, text in os.environ.items() if not name.startswith("BOOTSTRAPPER_")}
    return {**kept, "BOOTSTRAPPER_SETTINGS": str(settings), "DEMO_SITE": str(FOLDER / "site")}


def free_port() -> int:
    """The usual port, or any other when somebody has it."""
    for port in (8410, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise SystemExit("no free port on 127.0.0.1")


def wait_until_ready(address: str, up: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(f"http://{address}/readyz", timeout=2):
                return
        except (URLError, OSError):
            if up.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((FOLDER / "up.log").read_text()) from None
            time.sleep(0.05)


def tell(address: str, code: int) -> None:
    page = FOLDER / "site" / "index.html"
    say(
        f"\n{'Done' if code == 0 else 'That failed'}: {page}\n"
        f"  API     http://{address}/api/v1   its docs  http://{address}/docs\n"
        f"  token   {FOLDER / 'state' / 'owner.token'}\n\n"
        "To try next, in another terminal:\n"
        f"  export BOOTSTRAPPER_SETTINGS={FOLDER / 'bootstrapper.toml'}\n"
        f"  {PROGRAM} adhoc localhost -m setup\n"
        f"  {PROGRAM} role welcome localhost -e who=you -C -D\n"
        f"  {PROGRAM} jobs\n"
        f"  {PROGRAM} audit\n"
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
