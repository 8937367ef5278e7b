"""What others tell of a run, cut and cleaned."""

from bootstrapper.events import HostResult, PlayStarted, Said, TaskStarted
from bootstrapper.playbooks.trim import DATA, NAME, TEXT, trim


def test_what_is_within_bounds_stays() -> None:
    for event in (
        PlayStarted("all", 2),
        TaskStarted("copy", "ansible.builtin.copy", "web", handler=True),
        Said("fine", "warning"),
        HostResult("web-1", "copy", "changed", 0.5, "item", "m", "o", "e", "d", {"rc": 0}),
    ):
        assert trim(event) == event


def test_what_is_too_long_is_cut_and_says_so() -> None:
    long = HostResult("h" * 5000, "t", "ok", stdout="x" * (TEXT + 7), data={"a": "y" * DATA})

    cut = trim(long)

    assert isinstance(cut, HostResult)
    assert len(cut.host) == NAME
    assert cut.stdout == "x" * TEXT + "\n… 7 more"
    assert cut.data == {"left out": f"{DATA + 8} bytes"}


def test_what_its_names_betray_is_seen_nowhere() -> None:
    data = {"user": "ada", "api_token": "s3cr3t-s3cr3t"}
    result = HostResult("h", "t", "ok", stdout="with s3cr3t-s3cr3t", data=data)

    assert trim(result) == HostResult(
        "h", "t", "ok", stdout="with ********", data={"user": "ada", "api_token": "********"}
    )
