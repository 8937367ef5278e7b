"""A process that tells notices and does nothing else: `python -m support.notifier`."""

from bootstrapper.control.parts import make_parts
from bootstrapper.lifecycle import Stop, stop_on_signals
from bootstrapper.notify.receivers import receivers_of
from bootstrapper.notify.run import run
from bootstrapper.settings import load

if __name__ == "__main__":
    settings, stop = load(), Stop()
    stop_on_signals(stop)
    run(make_parts(settings), receivers_of(settings.notify), stop)
