import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bootstrapper.templates.confd_template import parse_confd
from bootstrapper.templates.functions import functions
from bootstrapper.templates.go_time import METHODS, Time, layout
from bootstrapper.templates.gotemplate import TemplateError
from bootstrapper.templates.keys import Keys

PAGE = Path(__file__).parents[2] / "docs/reference/templates.md"
KEYS = Keys({"/a/one": "1", "/a/eleven": "11", "/a/two": "2", "/json": '{"n": 1000000}'})


def rendered(source: str) -> str:
    return parse_confd("t.tmpl", source, KEYS).render()


CALLS = [
    # template, output
    ("{{base `/a/b`}} {{base `/a/b/`}} {{base ``}} {{base `///`}} {{base `b`}}", "b b . / b"),
    (
        "{{dir `/a/b`}} {{dir `/a/b/`}} {{dir `b`}} {{dir `/`}} {{dir `/a/../b/./c`}}",
        "/a /a/b . / /b",
    ),
    (
        "{{split `a:b:` `:` | len}} {{split `` `:` | len}} {{split `ab` ``}} {{split `` ``}}",
        "3 1 [a b] []",
    ),
    ("{{join (split `a:b` `:`) `-`}}{{join (getvs `/nope/*`) `-`}}", "a-b"),
    (
        "{{replace `aaa` `a` `b` 2}} {{replace `aaa` `a` `b` -1}} {{replace `ab` `` `-` -1}}",
        "bba bbb -a-b-",
    ),
    ("{{contains `abc` `b`}} {{contains `abc` ``}} {{trimSuffix `a.b` `.b`}}", "true true a"),
    ("{{toUpper `aé`}} {{toLower `AÉ`}} {{toUpper `ß`}} {{toLower `İ`}}", "AÉ aé ß i"),
    ('{{toUpper `ᾳ`}} {{toUpper "a\\xff"}} {{toLower "A\\xff"}}', "ᾼ A\ufffd a\ufffd"),
    (
        "{{(json (getv `/json`)).n}} {{json `{}`}} {{(json `null`).x}} {{json `null`}}",
        "1e+06 map[] <no value> map[]",
    ),
    (
        '{{index (jsonArray `[1, "a", null]`) 1}} {{len (jsonArray `null`)}} {{jsonArray `[1,2]`}}',
        "a 0 [1 2]",
    ),
    ('{{(json `{"a":{"b":[true]}}`).a.b}}', "[true]"),
    # Half of a pair of escapes, or a byte that is no UTF-8, is no character.
    (r'{{json `{"\udfff":["\ud83d\ude00","\ud800x"]}`}}', "map[\ufffd:[😀 \ufffdx]]"),
    (r'{{jsonArray "[\"\xff\"]"}}', "[\ufffd]"),
    ("{{map `a` 1 `b` (map)}} {{(map `a` nil).a}} {{len (map)}}", "map[a:1 b:map[]] <no value> 0"),
    (
        "{{getenv `BOOTSTRAPPER_T`}} {{getenv `BOOTSTRAPPER_NO` `d`}}|{{getenv `BOOTSTRAPPER_NO`}}",
        "set d|",
    ),
    ("{{base64Encode `é`}} {{base64Decode `w6k=`}}", "w6k= é"),
    ("{{parseBool `T`}} {{parseBool `0`}} {{atoi `-12`}} {{atoi `+7`}}", "true false -12 7"),
    (
        "{{add 1 2}} {{sub 1 2}} {{mul 3 4}} {{div 7 2}} {{div -7 2}} {{mod 7 3}} {{mod -7 3}}",
        "3 -1 12 3 -3 1 -1",
    ),
    (
        "{{add 9223372036854775807 1}} {{mul 4611686018427387904 2}}",
        "-9223372036854775808 -9223372036854775808",
    ),
    ("{{seq 1 3}} {{seq 3 1}} {{range seq 1 3}}{{.}}{{end}}", "[1 2 3] [] 123"),
    (
        "{{reverse (ls `/a`)}} {{range reverse (gets `/a/*`)}}{{base .Key}} {{end}}",
        "[two one eleven] eleven one two ",
    ),
    ("{{$l := ls `/a`}}{{$r := reverse $l}}{{$l}}", "[two one eleven]"),
    (
        "{{sortByLength (ls `/a`)}} {{range sortKVByLength (gets `/a/*`)}}{{base .Key}} {{end}}",
        "[one two eleven] one two eleven ",
    ),
    ("{{reverse 3}} {{reverse `ab`}} {{reverse (sortKVByLength (gets `/a/*`)) | len}}", "3 ab 3"),
    (
        "{{exists `/a/one`}} {{exists `/a`}} {{get `/a/one`}} {{(get `/a/one`).Value}}",
        "true false {/a/one 1} 1",
    ),
    ("{{getv `/a/one`}} {{getv `/no` `d`}} {{getvs `/a/*`}} {{lsdir `/`}}", "1 d [1 11 2] []"),
    ("{{range gets `/a/o*`}}{{.Key}}={{.Value}}{{end}}", "/a/one=1"),
    (
        "{{printf `%v %T %#v` (get `/a/one`) (gets `/a/*`) (get `/a/one`)}}",
        '{/a/one 1} memkv.KVPairs memkv.KVPair{Key:"/a/one", Value:"1"}',
    ),
    ("{{lookupIP `127.0.0.1`}} {{lookupIPV4 `127.0.0.1`}}", "[127.0.0.1] [127.0.0.1]"),
    ("{{lookupIPV6 `::1`}} {{lookupIPV6 `127.0.0.1`}} {{lookupIPV4 `::1`}}", "[::1] [] []"),
]


@pytest.mark.parametrize(("source", "output"), CALLS)
def test_a_function_gives_what_confds_gives(
    source: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTSTRAPPER_T", "set")
    assert rendered(source) == output


FAULTS = [
    # template, what is said
    ("{{getv `/nope`}}", "error calling getv: key does not exist: /nope"),
    ("{{get `/nope`}}", "error calling get: key does not exist: /nope"),
    ("{{gets `[`}}", "error calling gets: syntax error in pattern"),
    ("{{div 1 0}}", "error calling div: runtime error: integer divide by zero"),
    ("{{mod 1 0}}", "error calling mod: runtime error: integer divide by zero"),
    ("{{atoi `x`}}", 'error calling atoi: strconv.Atoi: parsing "x": invalid syntax'),
    ("{{atoi `1_0`}}", 'strconv.Atoi: parsing "1_0": invalid syntax'),
    ("{{atoi `9223372036854775808`}}", "value out of range"),
    ("{{parseBool `yes`}}", 'strconv.ParseBool: parsing "yes": invalid syntax'),
    ("{{json `[1]`}}", "cannot unmarshal array into Go value of type map[string]interface {}"),
    ("{{jsonArray `{}`}}", "cannot unmarshal object into Go value of type []interface {}"),
    ("{{json ``}}", "error calling json: unexpected end of JSON input"),
    ("{{json `{`}}", "error calling json: unexpected end of JSON input"),
    ("{{json `nope`}}", "calling json: invalid character 'o' in literal null (expecting 'u')"),
    ("{{jsonArray `[tru`}}", "invalid character ' ' in literal true (expecting 'e')"),
    ("{{json `x`}}", "error calling json: invalid character 'x' looking for beginning of value"),
    ("{{json `{} x`}}", "invalid character 'x' after top-level value"),
    ('{{json `{"a":NaN}`}}', "invalid character 'N'"),
    ('{{json `{"a":1e999}`}}', "cannot unmarshal number 1e999 into Go value of type float64"),
    ("{{map `a`}}", "error calling map: invalid map call"),
    ("{{map 1 2}}", "error calling map: map keys must be strings"),
    ("{{base64Decode `*`}}", "error calling base64Decode: illegal base64 data at input byte 0"),
    ("{{base64Decode `abc`}}", "illegal base64 data at input byte"),
    ("{{add 1 2.5}}", "expected integer; found 2.5"),
    ("{{add 1 `2`}}", "expected integer; found `2`"),
    ("{{join `a` `b`}}", "can't handle `a` for arg of type []string"),
    ("{{sortKVByLength (ls `/a`)}}", "expected []memkv.KVPair; got []string"),
    ("{{cget `/x`}}", "cget is unsupported: encrypted values"),
    ("{{cgets `/x`}}", "cgets is unsupported"),
    ("{{cgetv `/x`}}", "cgetv is unsupported"),
    ("{{cgetvs `/x`}}", "cgetvs is unsupported"),
    ("{{seq 1 9223372036854775807}}", "error calling seq: more than 10000000 numbers"),
    ("{{range 3}}{{end}}", "range can't iterate over 3"),
]


@pytest.mark.parametrize(("source", "said"), FAULTS)
def test_a_function_fails_as_confds_fails(source: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(source)
    assert said in str(caught.value)


def test_file_exists(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.touch()
    assert rendered(f"{{{{fileExists `{there}`}}}} {{{{fileExists `{tmp_path}`}}}}") == "true true"
    assert rendered(f"{{{{fileExists `{tmp_path}/no`}}}}") == "false"


def test_datetime_has_gos_methods() -> None:
    assert re.fullmatch(
        r"20\d\d \d\d?:\d\d \d+ 20\d\d true",
        rendered(
            '{{datetime.Format "2006 3:04"}} {{datetime.Unix}} {{datetime.Year}} '
            "{{lt 0 datetime.UTC.Nanosecond}}"
        ).replace("false", "true"),
    )
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d.*", rendered("{{datetime}}"))


MOMENTS = [
    # template, output
    (
        "{{datetime.Month | printf `%T %[1]d`}} {{eq datetime.Month.String `x`}}",
        r"time.Month \d+ false",
    ),
    ("{{datetime.Weekday | printf `%T %[1]d %[1]v`}}", r"time.Weekday [0-6] [MTWFS][a-z]+day"),
    ("{{printf `%T %T` datetime.Unix datetime.UnixNano}}", "int64 int64"),
    ("{{datetime.Before (datetime.AddDate 0 0 1)}} {{datetime.After datetime}}", "true false"),
    (
        "{{$t := datetime}}{{$t.Equal $t}} {{eq $t $t}} {{$t.Sub $t | printf `%T`}}",
        "true true time.Duration",
    ),
    (
        "{{$t := datetime}}{{($t.Add 3723500000000).Sub $t}} {{($t.Add -1500000).Sub $t}}",
        r"1h2m3.5s -1.5ms",
    ),
    ("{{$t := datetime}}{{$t.Sub $t}} {{(($t.Add 61000000000).Sub $t).Milliseconds}}", "0s 61000"),
]


@pytest.mark.parametrize(("source", "output"), MOMENTS)
def test_times_are_counted_with_as_in_go(source: str, output: str) -> None:
    assert re.fullmatch(output, rendered(source))


def test_a_month_is_a_number_and_no_text() -> None:
    assert rendered("{{lt 0 datetime.Month}}") == "true"
    with pytest.raises(TemplateError, match="incompatible types"):
        rendered("{{eq datetime.Month `May`}}")


def test_the_31st_of_a_shorter_month_runs_into_the_next() -> None:
    add = METHODS["AddDate"].call
    last = Time(datetime(2023, 12, 31, 5, 0, tzinfo=UTC))
    assert layout(add(last, 0, 2, 0), "2006-01-02") == "2024-03-02"
    assert layout(add(last, -1, 0, 1), "2006-01-02") == "2023-01-01"


def test_a_weekday_has_its_name() -> None:
    thursday = METHODS["Weekday"].call(MOMENT)
    assert (thursday.value, thursday.go_type.methods["String"].call(thursday)) == (4, "Thursday")


MOMENT = Time(datetime(2021, 3, 4, 17, 6, 7, 89_000, timezone(timedelta(hours=-7), "MST")))
LAYOUTS = [
    # layout, text
    ("2006-01-02T15:04:05Z07:00", "2021-03-04T17:06:07-07:00"),
    ("Mon Jan _2 15:04:05 2006", "Thu Mar  4 17:06:07 2021"),
    ("Monday, 02-Jan-06 15:04:05 MST", "Thursday, 04-Mar-21 17:06:07 MST"),
    ("January 2, 3:04PM", "March 4, 5:06PM"),
    ("03:04:05 pm -0700", "05:06:07 pm -0700"),
    ("15:04:05.000 .999999 ,00", "17:06:07.089 .089 ,08"),
    ("20060102 002 __2 1/2/06", "20210304 063  63 3/4/21"),
    ("Z0700 -07 nothing", "-0700 -07 nothing"),
]


@pytest.mark.parametrize(("form", "text"), LAYOUTS)
def test_a_time_is_told_in_gos_layouts(form: str, text: str) -> None:
    assert layout(MOMENT, form) == text


def test_every_function_of_confd_is_there() -> None:
    confds = (
        "base dir split join replace contains trimSuffix toUpper toLower json jsonArray map getenv "
        "datetime base64Encode base64Decode parseBool atoi add sub mul div mod seq reverse "
        "sortByLength sortKVByLength lookupIP lookupIPV4 lookupIPV6 lookupSRV fileExists exists "
        "get gets getv getvs ls lsdir cget cgets cgetv cgetvs"
    )
    assert set(functions(KEYS)) == set(confds.split())


def test_every_function_is_in_the_reference() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in functions(KEYS) if f"`{name}`" not in page] == []
