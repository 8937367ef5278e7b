from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.templates.confd.command_line import configure
from bootstrapper.templates.confd.flags import FLAGS, parse, usage, version_line
from bootstrapper.templates.confd.go_flags import HelpAsked, Kind, WrongFlags

NAMES = """
auth-token auth-type backend basic-auth client-ca-keys client-cert client-key confdir config-file
file filter interval keep-stage-file log-level node noop onetime password path prefix role-id
scheme secret-id secret-keyring separator srv-domain srv-record sync-only table user-id app-id
username version watch client-insecure
"""
OF_CONFD = set(NAMES.split())
OUR_OWN = {"debounce", "debounce-max", "check-timeout", "reload-timeout", "retry-max", "state",
           "metrics"}  # fmt: skip


def test_the_flags_are_those_of_confd_and_our_own() -> None:
    assert set(FLAGS) == OF_CONFD | OUR_OWN


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ([], {}),
        (["-backend", "redis"], {"backend": "redis"}),
        (["--backend", "redis"], {"backend": "redis"}),
        (["-backend=redis"], {"backend": "redis"}),
        (["--backend=redis"], {"backend": "redis"}),
        (["-backend="], {"backend": ""}),
        (["-prefix=a=b"], {"prefix": "a=b"}),
        (["-prefix", "-watch"], {"prefix": "-watch"}),
        (["-watch"], {"watch": True}),
        (["-watch", "false"], {"watch": True}),
        (["-watch=false"], {"watch": False}),
        (["-watch=T", "-noop=0"], {"watch": True, "noop": False}),
        (["-node", "a:1", "--node=b:2"], {"node": ("a:1", "b:2")}),
        (["-backend", "env", "-backend", "file"], {"backend": "file"}),
        (["-interval", "10"], {"interval": 10}),
        (["-interval=0x10"], {"interval": 16}),
        (["-interval=010"], {"interval": 8}),
        (["-interval=-5"], {"interval": -5}),
        (["-debounce", "50ms"], {"debounce": 0.05}),
        (["-debounce", "1m1.5s"], {"debounce": 61.5}),
        (["-retry-max", "20"], {"retry-max": 20.0}),
        (["-watch", "--", "-noop"], {"watch": True}),
        (["-watch", "word", "-noop"], {"watch": True}),
        (["-watch", "-", "-noop"], {"watch": True}),
    ],
)
def test_flags_are_read_as_go_reads_them(words: list[str], values: dict[str, Any]) -> None:
    assert parse(words) == values


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-foo"], "flag provided but not defined: -foo"),
        (["--foo=1"], "flag provided but not defined: -foo"),
        (["-node"], "flag needs an argument: -node"),
        (["---watch"], "bad flag syntax: ---watch"),
        (["-=x"], "bad flag syntax: -=x"),
        (["-watch=maybe"], 'invalid boolean value "maybe" for -watch: '
         'strconv.ParseBool: parsing "maybe": invalid syntax'),
        (["-interval", "ten"], 'invalid value "ten" for flag -interval: '
         'strconv.ParseInt: parsing "ten": invalid syntax'),
        (["-interval=08"], 'invalid value "08" for flag -interval: '
         'strconv.ParseInt: parsing "08": invalid syntax'),
        (["-interval=9223372036854775808"],
         'invalid value "9223372036854775808" for flag -interval: '
         'strconv.ParseInt: parsing "9223372036854775808": value out of range'),
        (["-debounce=fast"], 'invalid value "fast" for flag -debounce: '
         "time: invalid duration fast"),
    ],
)  # fmt: skip
def test_wrong_flags_are_told_in_the_words_of_go(words: list[str], message: str) -> None:
    with pytest.raises(WrongFlags) as told:
        parse(words)
    assert str(told.value) == message


@pytest.mark.parametrize("word", ["-h", "--help", "-help=1"])
def test_help_may_be_asked_for(word: str) -> None:
    with pytest.raises(HelpAsked):
        parse([word])


@given(st.lists(st.text(max_size=12) | st.sampled_from([f"-{name}" for name in FLAGS])))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        values = parse(words)
    except (WrongFlags, HelpAsked):
        return
    assert set(values) <= set(FLAGS)


@given(st.dictionaries(st.sampled_from([n for n, f in FLAGS.items() if f.kind is Kind.STRING]),
                       st.text()))  # fmt: skip
def test_what_was_written_is_what_is_read(values: dict[str, str]) -> None:
    assert parse([f"--{name}={value}" for name, value in values.items()]) == values
    assert parse([word for n, value in values.items() for word in (f"-{n}", value)]) == values


def test_usage_has_the_shape_that_go_prints() -> None:
    lines = usage().splitlines()

    assert lines[:3] == ["Usage of confd:", "  -app-id string",
                         "    \tVault app-id, with -auth-type=app-id"]  # fmt: skip
    assert lines[lines.index("  -backend string") + 1] == '    \tbackend to use (default "etcd")'
    assert "  -watch" in lines
    assert lines[lines.index("  -interval int") + 1].endswith("(default 600)")
    assert lines[lines.index("  -debounce duration") + 1].endswith("(default 50ms)")
    assert lines[lines.index("  -retry-max duration") + 1].endswith("(default 1m0s)")


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        (["-version"], 0, version_line() + "\n", ""),
        (["-version", "-backend", "none"], 0, version_line() + "\n", ""),
        (["-h"], 2, "", usage()),
        (["-foo"], 2, "", "flag provided but not defined: -foo\n" + usage()),
        (["-backend=rancher"], 1, "", "the backend 'rancher' is gone"),
        (["-backend=stackengine"], 1, "", "the backend 'stackengine' is gone"),
        (["-backend=reddis"], 1, "", "unknown backend 'reddis'; did you mean 'redis'?"),
        (["-backend=ssm", "-watch"], 1, "", "Watch is not supported for backend ssm"),
        (["-log-level=loud"], 1, "", 'not a valid level: "loud"'),
        (["-backend=dynamodb"], 1, "", "No DynamoDB table configured"),
    ],
)
def test_exit_codes_are_those_of_confd(
    words: list[str], code: int, out: str, err: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert configure(words) == code
    printed = capsys.readouterr()
    assert printed.out == out
    assert err in printed.err
