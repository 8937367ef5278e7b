import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.templates.gotemplate import STRING, Function, TemplateError, parse

KNOWN = {"upper": Function(str.upper, (STRING,), STRING)}

REFUSED = [
    # source, what is said after "template: t:"
    ("{{", "1: unclosed action"),
    ("a\n\n{{.x", "3: unclosed action"),
    ("{{.x\n\n", "3: unclosed action started at t:1"),
    ("{{\n\n'x", "3: unterminated character constant in action started at t:1"),
    ("{{/* never closed", "1: unclosed comment"),
    ("{{/*/}}", "1: unclosed comment"),
    ("{{/* a */ b}}", "1: comment ends before closing delimiter"),
    ('{{"a}}', "1: unterminated quoted string"),
    ('{{"a\nb"}}', "1: unterminated quoted string"),
    ("x\n{{`a\nb}}", "2: unterminated raw quoted string"),
    ("{{'a}}", "1: unterminated character constant"),
    ("{{'ab'}}", "1: malformed character constant: 'ab'"),
    ('{{"\\q"}}', "1: invalid syntax"),
    ("{{3k}}", '1: bad number syntax: "3k"'),
    ("{{1+2}}", '1: bad number syntax: "1+2"'),
    ("{{08}}", '1: integer overflow: "08"'),
    ("{{18446744073709551616}}", '1: integer overflow: "18446744073709551616"'),
    ("{{.x@}}", "1: bad character U+0040 '@'"),
    ("{{$x=1}}", "1: bad character U+003D '='"),
    ("{{\x01}}", "1: unrecognized character in action: U+0001"),
    ("{{x: 1}}", '1: function "x" not defined'),
    ("{{:1}}", "1: expected :="),
    ("{{(1}}", "1: unclosed left paren"),
    ("{{1)}}", '1: unexpected ")" in command'),
    ("{{()}}", "1: missing value for parenthesized pipeline"),
    ("{{}}", "1: missing value for command"),
    ("{{if}}{{end}}", "1: missing value for if"),
    ("{{range}}{{end}}", "1: missing value for range"),
    ("{{nosuch 1}}", '1: function "nosuch" not defined'),
    ("{{$x}}", '1: undefined variable "$x"'),
    ("{{if true}}{{$x := 1}}{{end}}{{$x}}", '1: undefined variable "$x"'),
    ("{{with $x := 1}}{{end}}{{$x}}", '1: undefined variable "$x"'),
    ("{{$x := 1}}{{define `a`}}{{$x}}{{end}}", '1: undefined variable "$x"'),
    ("{{$x, $y := 1}}", "1: too many declarations in command"),
    ("{{range $x, $y, $z := .}}{{end}}", "1: too many declarations in range"),
    ("{{range $x, 1 := .}}{{end}}", "1: range can only initialize variables"),
    ("{{1 | 2}}", "1: non executable command in pipeline stage 2"),
    ("{{.a | upper | `x`}}", "1: non executable command in pipeline stage 3"),
    ("{{`x`.y}}", '1: unexpected . after term "`x`"'),
    ("{{true.y}}", '1: unexpected . after term "true"'),
    ("{{.a..b}}", "1: unexpected <.> in operand"),
    ("{{upper 1 ,}}", '1: unexpected "," in operand'),
    ("{{end}}", "1: unexpected {{end}}"),
    ("{{else}}", "1: unexpected {{else}}"),
    ("{{if 1}}", "1: unexpected EOF"),
    ("\n{{if 1}}\n{{else}}{{else}}{{end}}", "3: expected end; found {{else}}"),
    ("{{if 1}}{{else with 2}}{{end}}", "1: unexpected <with> in input"),
    ("{{end 1}}", '1: unexpected "1" in end'),
    ("{{if 1}}{{else 1}}{{end}}", '1: unexpected "1" in else'),
    ("{{break}}", "1: {{break}} outside {{range}}"),
    ("{{range .}}{{else}}{{continue}}{{end}}", "1: {{continue}} outside {{range}}"),
    ("{{range .}}{{break 1}}{{end}}", '1: unexpected "1" in {{break}}'),
    ("{{range .}}{{block `a` .}}{{break}}{{end}}{{end}}", "1: {{break}} outside {{range}}"),
    ("{{template}}", '1: unexpected "}}" in template clause'),
    ("{{template other}}", '1: unexpected "other" in template clause'),
    ("{{define a}}{{end}}", '1: unexpected "a" in define clause'),
    ("{{define `a`}}", "1: unexpected EOF"),
    ("{{define `a`}}{{else}}{{end}}", "1: unexpected {{else}} in define clause"),
    ("{{block `a`}}{{end}}", "1: missing value for block clause"),
    (
        "{{define `a`}}1{{end}}{{define `a`}}2{{end}}",
        '1: template: multiple definition of template "a"',
    ),
    ("{{if 1}}{{define `a`}}{{end}}{{end}}", "1: unexpected <define> in command"),
]


@pytest.mark.parametrize(("source", "said"), REFUSED)
def test_a_bad_template_is_refused_with_gos_words_and_its_line(source: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse("t", source, KNOWN)
    assert str(caught.value) == f"template: t:{said}"


TRIMMED = [
    # source, output
    ("a {{- 1 -}} b", "a1b"),
    ("a \n\t{{- 1}} b", "a1 b"),
    ("a {{1 -}} \r\n\n b", "a 1b"),
    ("a {{-1}} b", "a -1 b"),
    ("a {{- -1 -}} b", "a-1b"),
    ("a{{/* said */}}b", "ab"),
    ("a {{- /* said */ -}} b", "ab"),
    ("{{- /* a */ -}}\n\n{{- /* b */ -}}", ""),
    ("{{`}}`}}", "}}"),
    ("{{`{{`}}", "{{"),
    ("{ {x} }}", "{ {x} }}"),
    ("{{print\n1\n2}}", "1 2"),
    ("{{define `a`}}x{{end}} {{template `a`}}{{define `b`}}y{{end}}{{template `b`}}", " xy"),
    ("{{define `a`}} {{end}}{{define `a`}}1{{end}}{{define `a`}}\n{{end}}{{template `a`}}", "1"),
]


@pytest.mark.parametrize(("source", "output"), TRIMMED)
def test_text_is_kept_but_for_what_is_trimmed(source: str, output: str) -> None:
    assert parse("t", source, {}).render() == output


def test_a_function_may_be_called_break() -> None:
    stop = {"break": Function(lambda: "stopped", (), STRING)}
    assert parse("t", "{{break}}", stop).render() == "stopped"


@pytest.mark.parametrize("deep", ["{{if true}}", "{{range .}}", "{{with 1}}"])
def test_what_nests_too_deeply_is_refused(deep: str) -> None:
    with pytest.raises(TemplateError, match="nested too deeply"):
        parse("t", deep * 3000 + "{{end}}" * 3000, {})


def test_parentheses_that_nest_too_deeply_are_refused() -> None:
    with pytest.raises(TemplateError, match="nested too deeply"):
        parse("t", "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", {})


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "-",
        "if",
        "range",
        "end",
        "else",
        "with",
        "define",
        "template",
        "block",
        ".x",
        "$x",
        ":=",
        "=",
        ",",
        "|",
        "(",
        ")",
        "`a`",
        '"',
        "'a'",
        "1",
        "0x",
        "1i",
        "1e3",
        "nil",
        "upper",
        "break",
        "/*",
        "*/",
        ".",
        "true",
        "print",
        "{{end}}",
        "{{if",
        "\\",
        " ",
        "\n",
    ]
)


def outcome(source: str) -> str:
    try:
        return parse("t", source, KNOWN).render({"x": [1, "a", None]})
    except TemplateError as refusal:
        return str(refusal) if str(refusal).startswith("template: t:") else repr(refusal)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_parses_or_is_refused_with_a_template_error(source: str) -> None:
    assert not outcome(source).startswith("TemplateError(")
