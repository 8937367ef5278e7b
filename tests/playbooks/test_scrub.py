from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bootstrapper.playbooks.scrub import MASK, Scrubber, telling

SECRETS = st.lists(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=4, max_size=8),
    min_size=1, max_size=3,
)  # fmt: skip
TEXTS = st.recursive(
    st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(SECRETS, st.data(), st.text(), st.text())
def test_no_secret_survives_in_any_text(
    secrets: list[str], data: st.DataObject, before: str, after: str
) -> None:
    secret = data.draw(st.sampled_from(secrets))

    text = Scrubber(secrets).text(before + secret + after)

    assert not any(each in text for each in secrets)


@given(SECRETS, TEXTS, st.data())
def test_no_secret_survives_in_any_value(
    secrets: list[str], value: Any, data: st.DataObject
) -> None:
    secret = data.draw(st.sampled_from(secrets))
    hidden = {"deep": [value, {secret: f"x{secret}x"}, (secret,)]}

    text = msgspec.json.encode(Scrubber(secrets).value(hidden)).decode()

    assert not any(each in text for each in secrets)


@given(JSON)
def test_what_holds_no_secret_stays_as_it_is(value: Any) -> None:
    text = msgspec.json.encode(value).decode()
    assume("secret" not in text)

    assert Scrubber(["secret"]).value(value) == value
    assert Scrubber([]).value(value) == value


def test_each_line_of_a_long_secret_is_one() -> None:
    scrubber = Scrubber(["-----BEGIN-----\nAAAABBBB\n-----END-----\n"])

    assert scrubber.text("AAAABBBB and more") == f"{MASK} and more"


def test_the_longest_secret_is_masked_whole() -> None:
    assert Scrubber(["pass", "password"]).text("my password") == f"my {MASK}"


def test_what_is_too_short_would_blot_out_words() -> None:
    assert Scrubber(["a", "on", "   "]).text("not on a day") == "not on a day"


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("password", True), ("db_passwd", True), ("DB_PASSWORD", True), ("passphrase", True),
        ("api_key", True), ("apikey", True), ("token", True), ("my_secret_x", True),
        ("private_key", True), ("credentials", True), ("greeting", False), ("port", False),
    ],
)  # fmt: skip
def test_names_that_betray_their_value(name: str, tells: bool) -> None:
    assert telling({name: "value", "deep": {name: "value"}}) == (["value"] * 2 if tells else [])


@pytest.mark.parametrize(
    "given",
    [
        {"users": [{"name": "ada", "password": "hidden"}]},
        {"passwords": ["hidden"]},
        {"secrets": {"of": {"the": ["hidden", 1, None]}}},
        {"plain": ({"api_token": "hidden"},)},
    ],
)
def test_a_name_betrays_all_that_is_below_it(given: dict[str, Any]) -> None:
    assert telling(given) == ["hidden"]
