import shutil
import subprocess

import pytest

from bootstrapper.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_every_verb(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0

    script = capsys.readouterr().out
    assert all(verb in script for verb in ("role", "policy", "explain", "detach", "fleet", "why"))


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_can_read_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    main(["completion", shell])
    script = capsys.readouterr().out

    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
