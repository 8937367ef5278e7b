"""What templates give for values of every kind, and what Go says where it stops."""

from typing import Any

import pytest

from bootstrapper.templates.gotemplate import (
    ANY,
    BOOL,
    INT,
    STRING,
    Channel,
    Fault,
    Function,
    Kind,
    Map,
    Pointer,
    Scalar,
    Slice,
    Struct,
    TemplateError,
    Type,
    map_of,
    parse,
    pointer_to,
    slice_of,
    struct_of,
)
from bootstrapper.templates.gotemplate.types import UINT8

LONG = Type(Kind.INT, "int64")
WORD = Type(Kind.STRING, "main.Word", named=True)


def fail(_: Any) -> str:
    raise Fault("it is closed")


class Door(Struct):
    """A struct with methods, as Go code would hand it to a template."""

    def __init__(self, name: str, number: int, inside: Any = None) -> None:
        self.Name = name
        self.Number = number
        self.Inside = inside
        self.lock = "secret"

    go_type = struct_of(
        "main.Door",
        {"Name": STRING, "Number": INT, "Inside": ANY, "lock": STRING},
        {
            "Open": Function(lambda door: f"open {door.Name}", (), STRING),
            "Knock": Function(lambda door, times: f"{'knock ' * times}".strip(), (INT,), STRING),
            "Fail": Function(fail, (), STRING),
            "Say": Function(lambda door, *words: "/".join(words), (), STRING, STRING),
            "Any": Function(lambda door, value: f"got {value}", (ANY,), STRING),
        },
    )


class Named(Struct):
    go_type = struct_of("main.Named", {}, {"String": Function(lambda _: "by itself", (), STRING)})


DOOR = Door("front", 7, {"x": 1})
DATA = {
    "i": 7,
    "zero": 0,
    "f": 1.5,
    "s": "word",
    "empty": "",
    "yes": True,
    "nil": None,
    "list": [1, 2.5, "a", None],
    "roomy": Slice(slice_of(INT), [1, 2], spare=(0, 0)),
    "strings": Slice(slice_of(STRING), ["x", "y", "z"]),
    "none": Slice(slice_of(STRING), is_nil=True),
    "map": {"b": 2, "a": {"deep": "down"}, "n": None},
    "counts": Map(map_of(STRING, INT), {"two": 2, "one": 1}),
    "numbers": Map(map_of(LONG, STRING), {2: "two"}),
    "door": DOOR,
    "pointer": Pointer(DOOR),
    "nilPointer": Pointer(None, pointer_to(Door.go_type)),
    "u8": Scalar(UINT8, 200),
    "word": Scalar(WORD, "named"),
    "named": Named(),
    "namedPointers": [Pointer(Named())],
    "nilChannel": Channel(STRING, None),
    "join": Function(lambda a, b: f"{a}+{b}", (STRING, STRING), STRING),
    "c": 2 + 1j,
}
FUNCTIONS = {
    "upper": Function(str.upper, (STRING,), STRING),
    "twice": Function(lambda n: n * 2, (INT,), INT),
    "sum": Function(lambda *n: sum(n), (), INT, INT),
    "echo": Function(lambda value: value, (ANY,)),
    "strings": Function(lambda: Slice(slice_of(STRING), ["p", "q"]), (), slice_of(STRING)),
    "yes": Function(lambda: True, (), BOOL),
    "letters": Function(lambda n: Channel(STRING, iter("abcdef"[:n])), (INT,)),
    "door": Function(lambda: DOOR, (), Door.go_type),
    "joined": Function(",".join, (slice_of(STRING),), STRING),
    "explode": Function(lambda: 1 // 0, (), INT),
}

RENDERED = [
    # A slice reaches into the capacity, and no further than a third index.
    ("{{slice .roomy 1 4}} {{slice (slice .roomy 1) 0 3}} {{len .roomy}}", "[2 0 0] [2 0 0] 2"),
    ("{{slice .roomy 0 1 1}} {{slice .roomy}}", "[1] [1 2]"),
    # Bytes that are no UTF-8, and characters younger than Unicode 13.
    ('{{js "\\ufdff"}} {{printf `%q` "\\ufdff"}} {{"\\xff" | js | len}}', '\\uFDFF "\\ufdff" 1'),
    # template, output
    # Values as they print.
    ("{{.i}} {{.f}} {{.s}} {{.yes}} {{.c}}", "7 1.5 word true (2+1i)"),
    ("{{.nil}} {{.missing}} {{.missing.more}}", "<no value> <no value> <no value>"),
    ("{{.list}} {{.strings}} {{.none}}", "[1 2.5 a <nil>] [x y z] []"),
    ("{{.map}} {{.counts}}", "map[a:map[deep:down] b:2 n:<nil>] map[one:1 two:2]"),
    ("{{.pointer.Name}} {{.nilPointer}} {{.u8}} {{.word}}", "front <nil> 200 named"),
    (
        "{{.named}} {{printf `%v %s %q` .named .named .named}}",
        'by itself by itself by itself "by itself"',
    ),
    ("{{1_000}} {{0b101}} {{0o17}} {{017}} {{0x_ff}} {{'a'}} {{'\\n'}}", "1000 5 15 15 255 97 10"),
    ("{{1e6}} {{1e-7}} {{100000.0}} {{0x1p4}} {{.5}} {{1e3}}", "1e+06 1e-07 100000 16 0.5 1000"),
    ("{{1i}} {{1+2i}} {{-3}} {{+3}}", "(0+1i) (1+2i) -3 3"),
    ('{{"a\\tb\\x41\\u00e9\\101"}}{{`raw\\n`}}', "a\tbAéAraw\\n"),
    # Fields, methods, chains.
    ("{{.map.a.deep}} {{$.map.a.deep}} {{(.map.a).deep}}", "down down down"),
    ("{{.door.Name}} {{.door.Open}} {{.door.Knock 2}}", "front open front knock knock"),
    ("{{2 | .door.Knock}} {{.i | .door.Any}} {{.door.Any nil}}", "knock knock got 7 got None"),
    (
        "{{.door.Say}}|{{.door.Say `a`}}|{{.door.Say `a` .s}}|{{`z` | .door.Say `a`}}",
        "|a|a/word|a/z",
    ),
    (
        "{{.door.Inside.x}} {{door.Name}} {{(door).Open}} {{door.Knock 1}}",
        "1 front open front knock",
    ),
    ("{{$d := door}}{{$d.Name}}{{with door}} {{.Number}} {{.Knock 1}}{{end}}", "front 7 knock"),
    # Pipelines give to the last argument.
    ("{{.s | upper}} {{3 | twice}} {{3 | sum 1 2}} {{.s | printf `%s-%s` `a`}}", "WORD 6 6 a-word"),
    ("{{(3 | twice) | twice}} {{twice (twice 2)}} {{sum}}", "12 8 0"),
    ("{{joined .strings}} {{joined .none}} {{joined nil}}", "x,y,z  "),
    ("{{call .join `a` `b`}} {{`b` | call .join `a`}}", "a+b a+b"),
    # Truth.
    ("{{if .i}}1{{end}}{{if .zero}}2{{end}}{{if .empty}}3{{end}}{{if .nil}}4{{end}}", "1"),
    ("{{if .none}}1{{end}}{{if .door}}2{{end}}{{if .nilPointer}}3{{end}}{{if .u8}}4{{end}}", "24"),
    ("{{if 0.0}}1{{end}}{{if 0.1}}2{{end}}{{if 1i}}3{{end}}{{if .join}}4{{end}}", "234"),
    ("{{if .no}}a{{else if .zero}}b{{else if .i}}c{{else}}d{{end}}", "c"),
    ("{{not .i}} {{not .missing}} {{not nil}}", "false true true"),
    (
        "{{and 1 0 2}} {{and 1 2}} {{or 0 `` 3 4}} {{or 0 ``}}| {{3 | and 1}} {{3 | or 0}}",
        "0 2 3 | 3 3",
    ),
    ("{{and false explode}} {{or true explode}} {{if and .nil .nil.x}}{{end}}", "false true "),
    # with and scopes.
    (
        "{{with .map}}{{.b}}{{with .a}}{{.deep}}{{end}}{{end}}{{with .zero}}x{{else}}y{{end}}",
        "2downy",
    ),
    ("{{with .zero}}a{{else with .i}}{{.}}{{else}}c{{end}}", "7"),
    ("{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}", "32"),
    ("{{$x := 1}}{{with $x}}{{$x = 2}}{{.}}{{end}}{{$x}}", "12"),
    ("{{$x := `a`}}{{range .strings}}{{$x = .}}{{end}}{{$x}}", "z"),
    ("{{with $x := 5}}{{$x}}{{.}}{{end}}", "55"),
    ("{{$x := 1}}{{$y := $x}}{{$x = `s`}}{{$x}}{{$y}}", "s1"),
    ("a{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}", "a12"),
    # range.
    ("{{range .list}}<{{.}}>{{end}}", "<1><2.5><a><<no value>>"),
    ("{{range $i, $e := .strings}}{{$i}}{{$e}}{{.}} {{end}}", "0xx 1yy 2zz "),
    (
        "{{range $k, $v := .counts}}{{$k}}={{$v}} {{end}}{{range .counts}}{{.}}{{end}}",
        "one=1 two=2 12",
    ),
    ("{{range $e := .strings}}{{$e}}{{end}}{{range .none}}x{{else}}none{{end}}", "xyznone"),
    ("{{range .missing}}x{{else}}none{{end}}{{range .nil}}x{{end}}", "none"),
    ("{{range $x := .none}}{{else}}{{$x}}{{end}}", "[]"),
    ("{{range .strings}}{{if eq . `y`}}{{continue}}{{end}}{{.}}{{end}}", "xz"),
    ("{{range .strings}}{{if eq . `y`}}{{break}}{{end}}{{.}}{{end}}", "x"),
    (
        "{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range 0}}{{else}}none{{end}}",
        "01201none",
    ),
    ("{{$i := 0}}{{$e := ``}}{{range $i, $e = .strings}}{{end}}{{$i}}{{$e}}", "2z"),
    ("{{range strings}}{{.}}{{$.i}}{{end}}", "p7q7"),
    ("{{range $i, $e := letters 3}}{{$i}}{{$e}} {{end}}", "0a 1b 2c "),
    ("{{range letters 0}}{{else}}none{{end}}{{range .nilChannel}}{{else}}nil{{end}}", "nonenil"),
    (
        "{{.namedPointers}} {{printf `%s %v` .namedPointers .namedPointers}}",
        "[by itself] [by itself] [by itself]",
    ),
    (
        "{{range .strings}}{{range $.strings}}{{if eq . `y`}}{{break}}{{end}}{{.}}{{end}}.{{end}}",
        "x.x.x.",
    ),
    # Templates in templates.
    ("{{define `u`}}<{{.}}>{{end}}{{template `u` .i}}{{template `u`}}", "<7><<no value>>"),
    ("{{block `b` .map}}{{.b}}{{end}}{{template `b` .map}}", "22"),
    ("{{define `n`}}{{if .}}({{template `n` .in}}){{end}}{{end}}{{template `n` .map.a}}", "()"),
    # index, slice, len.
    ("{{index .strings 1}} {{index .map `a` `deep`}} {{index .list 2}}", "y down a"),
    ("{{index .counts `no`}} {{index .map `no`}} {{index .numbers 2}}", "0 <no value> two"),
    ("{{index .s 0}} {{index .strings}} {{printf `%T` (index .s 0)}}", "119 [x y z] uint8"),
    (
        "{{slice .s 1}} {{slice .s 1 3}} {{slice .strings 1}} {{slice .list 0 2 3}}",
        "ord or [y z] [1 2.5]",
    ),
    ("{{len .s}} {{len `é`}} {{len .map}} {{len .list}} {{len .none}}", "4 2 3 4 0"),
    # Comparisons.
    (
        "{{eq 1 1}} {{eq 1 2 3 1}} {{eq `a` `b`}} {{eq 1.5 1.5}} {{eq true true}}",
        "true true false true true",
    ),
    (
        "{{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 2 1}} {{lt `a` `b`}}",
        "true true true false true true",
    ),
    ("{{eq .u8 200}} {{lt .u8 201}} {{lt -1 .u8}} {{eq (index .s 0) 'w'}}", "true true true true"),
    ("{{eq .nil nil}} {{eq .nil 1}} {{eq .none nil}} {{ne .door nil}}", "true false true true"),
    ("{{eq .door .door}} {{eq .pointer .pointer}} {{eq .word .word}}", "true true true"),
    # Escapes.
    ("{{html `<a b='c'>&\"`}}", "&lt;a b=&#39;c&#39;&gt;&amp;&#34;"),
    (
        "{{html .missing}} {{html 1 2 `<`}} {{.nil | html}}",
        "&lt;no value&gt; 1 2&lt; &lt;no value&gt;",
    ),
    ("{{js `It's <b>\\n` }}", "It\\'s \\u003Cb\\u003E\\\\n"),
    ("{{urlquery `a b&c/é~`}}", "a+b%26c%2F%C3%A9~"),
]


@pytest.mark.parametrize(("source", "output"), RENDERED)
def test_a_template_renders_as_in_go(source: str, output: str) -> None:
    assert parse("t", source, FUNCTIONS).render(DATA) == output


STOPPED = [
    # template, where and what
    ("{{.s.x}}", '1:4: executing "t" at <.s.x>: can\'t evaluate field x in type interface {}'),
    ("{{.door.Nope}}", "at <.door.Nope>: can't evaluate field Nope in type interface {}"),
    ("{{door.Nope}}", '1:2: executing "t" at <door>: can\'t evaluate field Nope in type main.Door'),
    ("{{door.lock}}", "lock is an unexported field of struct type main.Door"),
    ("{{.door.Name 1}}", "Name has arguments but cannot be invoked as function"),
    ("{{.map.b 1}}", "b is not a method but has arguments"),
    ("{{.map.n.x}}", "at <.map.n.x>: nil pointer evaluating interface {}.x"),
    ("{{.nilPointer.Name}}", "nil pointer evaluating interface {}.Name"),
    ("{{.nilPointer.Nope}}", "can't evaluate field Nope in type interface {}"),
    ("{{range .list}}{{.x}}{{end}}", "at <.x>: can't evaluate field x in type interface {}"),
    ("{{.numbers.x}}", "can't evaluate field x in type interface {}"),
    ("{{.door.Knock}}", "wrong number of args for Knock: want 1 got 0"),
    ("{{.door.Knock `a`}}", "expected integer; found `a`"),
    ("{{.door.Fail}}", "error calling Fail: it is closed"),
    ("{{door.Fail}}", "at <door.Fail>: error calling Fail: it is closed"),
    ("{{upper 1}}", '1:8: executing "t" at <1>: expected string; found 1'),
    ("{{upper .i}}", "at <.i>: wrong type for value; expected string; got int"),
    ("{{upper .nil}}", "at <.nil>: wrong type for value; expected string; got interface {}"),
    ("{{upper .missing}}", "at <.missing>: invalid value; expected string"),
    ("{{.nil | upper}}", "at <upper>: invalid value; expected string"),
    ("{{upper nil}}", "at <nil>: cannot assign nil to string"),
    ("{{twice 1.5}}", "at <1.5>: expected integer; found 1.5"),
    ("{{twice true}}", "expected integer; found true"),
    ("{{joined `a`}}", "can't handle `a` for arg of type []string"),
    ("{{joined .list}}", "wrong type for value; expected []string; got []interface {}"),
    ("{{upper}}", "at <upper>: wrong number of args for upper: want 1 got 0"),
    ("{{upper `a` `b`}}", "wrong number of args for upper: want 1 got 2"),
    ("{{`a` | upper `b`}}", "wrong number of args for upper: want 1 got 2"),
    ("{{index}}", "wrong number of args for index: want at least 1 got 0"),
    ("{{explode}}", "at <explode>: error calling explode: runtime error: integer divide by zero"),
    ("{{3 2}}", '1:2: executing "t" at <3>: can\'t give argument to non-function 3'),
    ("{{$x := 1}}{{$x 2}}", "can't give argument to non-function $x"),
    ("{{1 | $}}", "can't give argument to non-function $"),
    ("{{nil}}", "at <nil>: nil is not a command"),
    ("{{(nil).x}}", "nil is not a command"),
    ("{{$x = 1}}", "undefined variable: $x"),
    ("{{9223372036854775808}}", "9223372036854775808 overflows int"),
    ("{{.join}}", "at <{{.join}}>: can't print {{.join}} of type func(string, string) string"),
    ("{{call nil}}", "error calling call: call of nil"),
    ("{{call .i}}", "error calling call: non-function .i of type int"),
    ("{{call .join `a`}}", "error calling call: wrong number of args for .join: want 2 got 1"),
    ("{{call .join `a` 1}}", "error calling call: arg 1: value has type int; should be string"),
    ("{{index .strings 9}}", "at <index .strings 9>: error calling index: index out of range: 9"),
    ("{{index .strings -1}}", "error calling index: index out of range: -1"),
    ("{{index .strings 3}}", "error calling index: reflect: slice index out of range"),
    ("{{index .strings `a`}}", "error calling index: cannot index slice/array with type string"),
    ("{{index .strings nil}}", "error calling index: cannot index slice/array with nil"),
    ("{{index nil 1}}", "error calling index: index of untyped nil"),
    ("{{index .map 1}}", "error calling index: value has type int; should be string"),
    ("{{index .map nil}}", "error calling index: value is nil; should be of type string"),
    ("{{index .i 1}}", "error calling index: can't index item of type int"),
    ("{{slice .s 3 2}}", "error calling slice: invalid slice index: 3 > 2"),
    ("{{slice .s 0 9}}", "error calling slice: index out of range: 9"),
    ("{{slice .s 0 1 2}}", "error calling slice: cannot 3-index slice a string"),
    ("{{slice .map}}", "error calling slice: can't slice item of type map[string]interface {}"),
    ("{{slice nil}}", "error calling slice: slice of untyped nil"),
    ("{{len 3}}", "error calling len: len of type int"),
    ("{{len .nil}}", "error calling len: len of nil pointer"),
    ("{{len nil}}", "error calling len: reflect: call of reflect.Value.Type on zero Value"),
    ("{{eq 1 1.0}}", "error calling eq: incompatible types for comparison"),
    ("{{eq `a` 1}}", "error calling eq: incompatible types for comparison"),
    ("{{eq 1}}", "error calling eq: missing argument for comparison"),
    ("{{eq .list .list}}", "error calling eq: non-comparable type"),
    ("{{eq .list .map}}", "error calling eq: non-comparable types"),
    ("{{lt true false}}", "error calling lt: invalid type for comparison"),
    ("{{lt .list .list}}", "error calling lt: invalid type for comparison"),
    ("{{lt 1 nil}}", "error calling lt: invalid type for comparison"),
    ("{{ge 1 `a`}}", "error calling ge: incompatible types for comparison"),
    ("{{range .s}}{{end}}", "at <.s>: range can't iterate over word"),
    ("{{range 1.5}}{{end}}", "range can't iterate over 1.5"),
    ("{{range .door}}{{end}}", "range can't iterate over {front 7 map[x:1] secret}"),
    ("{{range $i, $e := 3}}{{end}}", "can't use 3 to iterate over more than one variable"),
    ("{{template `no`}}", '1:11: executing "t" at <{{template "no"}}>: template "no" not defined'),
    ("{{define `r`}}{{template `r`}}{{end}}{{template `r`}}", "exceeded maximum template depth"),
    ("a\nbé {{.s.x}}", '2:8: executing "t" at <.s.x>'),
    (
        "{{define `in`}}\n {{index . 9}}{{end}}{{template `in` .list}}",
        '2:3: executing "in" at <index . 9>: error calling index: index out of range: 9',
    ),
    ("{{if eq 1 (index .list 9)}}{{end}}", '1:11: executing "t" at <index .list 9>'),
]


@pytest.mark.parametrize(("source", "said"), STOPPED)
def test_where_go_stops_so_does_this_and_says_where(source: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse("t", source, FUNCTIONS).render(DATA)
    assert str(caught.value).startswith("template: t:")
    assert said in str(caught.value)


def test_before_go_1_22_nothing_ranged_over_integers() -> None:
    old = parse("t", "{{range 3}}{{.}}{{end}}", {}, range_over_integers=False)
    with pytest.raises(TemplateError, match="range can't iterate over 3"):
        old.render()


def test_nothing_is_left_of_a_run_that_failed() -> None:
    template = parse("t", "written {{.x.y}}", {})
    with pytest.raises(TemplateError):
        template.render({"x": 1})
    assert template.render({"x": {"y": 2}}) == "written 2"


def test_data_that_go_has_no_type_for_is_refused() -> None:
    with pytest.raises(TemplateError, match="a template cannot use a set"):
        parse("t", "{{.x.y}}", {}).render({"x": {1}})
