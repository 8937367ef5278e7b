import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.chat.language.words import clean, host_of, marked, next_word, quote, rest
from bootstrapper.errors import Mistake

MARKS = [
    ("role <http://web1.example.com|web1.example.com>", "role web1.example.com"),
    ("get <http://web1.example.com/x?a=1&amp;b=2>", "get http://web1.example.com/x?a=1&b=2"),
    ("why <@U1>", "why @U1"),
    ("why <@U1|alice>", "why @alice"),
    ("why <#C1|ops>", "why #ops"),
    ("why <#C1>", "why #C1"),
    ("why <!here>", "why @here"),
    ("why <!subteam^S1|@ops>", "why @ops"),
    ("why <mailto:a@example.com|a@example.com>", "why a@example.com"),
    ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
    ("say “a b” ‘c’", "say \"a b\" 'c'"),
    ("role\u00a0base", "role base"),
    ("`codeupdate v1 staging`", "codeupdate v1 staging"),
    ("```\ncodeupdate v1 staging\n```", "codeupdate v1 staging"),
    ("say `a` and `b`", "say `a` and `b`"),
    ("`a` and `b`", "`a` and `b`"),
    ("```echo `date` ```", "echo `date`"),
    ("", ""),
    ("`", "`"),
    ("```", "```"),
]


@pytest.mark.parametrize(("text", "meant"), MARKS, ids=[text for text, _ in MARKS])
def test_slacks_marks_are_undone(text: str, meant: str) -> None:
    assert clean(text) == meant


WORDS = [
    # the text, then each word with its key
    ("a  b\tc\nd", [("", "a"), ("", "b"), ("", "c"), ("", "d")]),
    ("'a b' \"c d\" `e f`", [("", "a b"), ("", "c d"), ("", "e f")]),
    ("env=prod reason='a b'", [("env", "prod"), ("reason", "a b")]),
    ("x.port=80 x.y=", [("x.port", "80"), ("x.y", "")]),
    ("'env=prod'", [("", "env=prod")]),
    ("don't 10.0.0.5 a=b=c", [("", "don't"), ("", "10.0.0.5"), ("a", "b=c")]),
    (r"C:\temp\new", [("", r"C:\temp\new")]),
    ('"say ""hi"""', [("", 'say "hi"')]),
    (r'"say \"hi\""', [("", 'say "hi"')]),
    ("'it''s'", [("", "it's")]),
    ("''", [("", "")]),
]


@pytest.mark.parametrize(("text", "expected"), WORDS, ids=[text for text, _ in WORDS])
def test_words_are_read_one_by_one(text: str, expected: list[tuple[str, str]]) -> None:
    found, at = [], 0
    while word := next_word(text, at):
        found.append((word.key, word.text))
        at = word.end

    assert found == expected


@pytest.mark.parametrize("text", ["'a", 'x="a', '"a\\"', "'a'b", '"a"b'])
def test_a_quote_that_is_none_is_said_so(text: str) -> None:
    with pytest.raises(Mistake, match="quote"):
        next_word(text, 0)


def test_the_rest_keeps_its_own_quotes_and_lines() -> None:
    text = "shell  echo 'a  b'\n  && echo \"c "
    word = next_word(text, 0)

    assert word is not None
    assert rest(text, word.end) == "echo 'a  b'\n  && echo \"c"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://web-1", "web-1"),
        ("https://web-1.example.com:80/", "web-1.example.com:80"),
        ("http://web-1/path", "http://web-1/path"),
        ("web-1", "web-1"),
    ],
)
def test_a_link_to_nothing_but_a_host_is_the_host(text: str, host: str) -> None:
    assert host_of(text) == host


@given(st.text())
def test_a_quoted_text_is_one_word(text: str) -> None:
    word = next_word(quote(text), 0)

    assert word is not None
    assert (word.key, word.text) == ("", text) or (f"{word.key}={word.text}" == text)
    assert word.end == len(quote(text))


@given(st.text())
def test_what_is_marked_for_slack_is_read_as_it_was(text: str) -> None:
    once = clean(text)
    if "`" not in once:
        assert clean(marked(once)) == once
