import pytest

from bootstrapper.templates.gotemplate import Scalar, TemplateError, parse
from bootstrapper.templates.gotemplate.types import UINT8

PRINTED = [
    # arguments of printf, output
    ("`%d|%5d|%-5d|%05d|%+d|% d` 42 42 42 42 42 42", "42|   42|42   |00042|+42| 42"),
    ("`%b|%o|%O|%x|%X|%#x|%#o|%#b` 10 8 8 255 255 255 8 5", "1010|10|0o10|ff|FF|0xff|010|0b101"),
    ("`%x|%d` -255 -7", "-ff|-7"),
    ("`%c|%q|%U|%#U` 65 65 65 65", "A|'A'|U+0041|U+0041 'A'"),
    ("`%.3d|%6.3d|%+.3d|%.0d|` 7 7 7 0", "007|   007|+007||"),
    (
        "`%f|%.2f|%8.2f|%-8.2f|%08.2f|%+.1f` 1.5 1.555 1.5 1.5 -1.5 1.5",
        "1.500000|1.55|    1.50|1.50    |-0001.50|+1.5",
    ),
    ("`%e|%E|%.2e` 123456.789 1.5 0.00012", "1.234568e+05|1.500000E+00|1.20e-04"),
    (
        "`%g|%g|%g|%G|%.3g` 100000.0 1000000.0 1e-7 1e20 1234.5678",
        "100000|1e+06|1e-07|1E+20|1.23e+03",
    ),
    ("`%v|%v|%v` 1e6 123456789.125 0.0001", "1e+06|1.23456789125e+08|0.0001"),
    ("`%x` 1.0", "0x1p+00"),
    (
        '`%s|%5s|%-5s|%.2s|%q|%x|%X|% x|%#x` `hi` `hi` `hi` `hello` `h"i` `hi` `hi` `hi` `hi`',
        'hi|   hi|hi   |he|"h\\"i"|6869|6869|68 69|0x6869',
    ),
    ("`%#q|%+q` `a` `é`", '`a`|"\\u00e9"'),
    ("`%5s|%5q` `é` `é`", '    é|  "é"'),
    ("`%t|%5t|%v` true false true", "true|false|true"),
    ("`%v|%g` 1+2i 1-2i", "(1+2i)|(1-2i)"),
    ("`%T|%T|%T|%T` 1 1.0 `a` true", "int|float64|string|bool"),
    ("`%%|%5%`", "%|%"),
    ("`%#v|%#5v|%+#v` `a` 7 7", '"a"|    7|7'),
    ("`%#.1v|%.1T|%5T|` `abc` 1 1", '"a"|i|  int|'),
    (
        "`%#g|%#.3g|%#v|%#.0f|%#x|%#X` 2.0 2.0 2.0 2.0 1.5 1.5",
        "2.00000|2.00|2|2.|0x1.8000p+00|0X1.8P+00",
    ),
    ("`%.1x|%.2X|%.0x` 1.9 0.1 1.5", "0x1.ep+00|0X1.9AP-04|0x1p+01"),
    ("`%b|%b|%x` -0.0 1.0 5e-324", "-0p-1074|4503599627370496p-52|0x1p-1074"),
    ("`%#O|%#o` 8 0", "0o010|0"),
    ("`%08U|%-8U|%U` 65 65 -1", "  U+0041|U+0041  |U+FFFFFFFFFFFFFFFF"),
    ("`%v|%v` -1i -0.0", "(0-1i)|-0"),
    # What does not fit is told in the output.
    ("`%d` `a`", "%!d(string=a)"),
    ("`%s` 1", "%!s(int=1)"),
    ("`%t` 1", "%!t(int=1)"),
    ("`%f` 1", "%!f(int=1)"),
    ("`%d` 1.5", "%!d(float64=1.5)"),
    ("`%d` true", "%!d(bool=true)"),
    # The note keeps width, precision and signs.
    (
        "`%5d|%-5d|%.2d|%+f|%08s|%05t` `a` `a` `abc` 7 1.5 1",
        "%!d(string=    a)|%!d(string=a    )|%!d(string=ab)|%!f(int=+7)"
        "|%!s(float64=000001.5)|%!t(int=00001)",
    ),
    ("`%w|%5w` `a` 1", "%!w(string=a)|%!w(int=    1)"),
    ("`%z` 1", "%!z(int=1)"),
    ("`%d`", "%!d(MISSING)"),
    ("`%d %d` 1", "1 %!d(MISSING)"),
    ("`%d` 1 2 `a`", "1%!(EXTRA int=2, string=a)"),
    ("`x` nil", "x%!(EXTRA <nil>)"),
    ("`%`", "%!(NOVERB)"),
    ("`%v|%s|%d` nil nil nil", "<nil>|%!s(<nil>)|%!d(<nil>)"),
    ("`%[2]d %[1]d` 1 2", "2 1"),
    ("`%[2]*[1]d|` 7 4", "   7|"),
    ("`%*d|%-*d|` 4 7 4 7", "   7|7   |"),
    ("`%*d` `x` 7", "%!(BADWIDTH)7"),
    ("`%.*f` 2 1.0", "1.00"),
    ("`%.*f` -2 1.0", "%!(BADPREC)1.000000"),
    ("`%99999999999d` 1", "%!(NOVERB)%!(EXTRA int=1)"),
    ("`%[3]d` 1", "%!d(BADINDEX)"),
    ("`%[x]d` 1", "%!d(BADINDEX)"),
]


@pytest.mark.parametrize(("arguments", "output"), PRINTED)
def test_printf(arguments: str, output: str) -> None:
    assert parse("t", f"{{{{printf {arguments}}}}}", {}).render() == output


HELD = [
    # verb, value, output
    ("%v", [1, "a", None, [2.5]], "[1 a <nil> [2.5]]"),
    ("%d", [1, "a", None], "[1 %!d(string=a) <nil>]"),
    ("%s", {"b": 1, "a": "x"}, "map[a:x b:%!s(int=1)]"),
    ("%q", ["a", "b"], '["a" "b"]'),
    ("%3d", [1, 2], "[  1   2]"),
    ("%#v", {"a": [1, None]}, 'map[string]interface {}{"a":[]interface {}{1, interface {}(nil)}}'),
    ("%T", {"a": 1}, "map[string]interface {}"),
    ("%d", Scalar(UINT8, 7), "7"),
    ("%#v", Scalar(UINT8, 7), "0x7"),
    ("%v", float("inf"), "+Inf"),
    ("%05.1f", float("nan"), "  NaN"),
    ("%+v", float("inf"), "+Inf"),
]


@pytest.mark.parametrize(("verb", "value", "output"), HELD)
def test_verbs_reach_what_a_value_holds(verb: str, value: object, output: str) -> None:
    assert parse("t", "{{printf .verb .value}}", {}).render({"verb": verb, "value": value}) == (
        output
    )


def test_a_format_is_a_string() -> None:
    with pytest.raises(TemplateError, match="expected string; found 1"):
        parse("t", "{{printf 1}}", {}).render()


SPACED = [
    # call, output
    ("print 1 2 `a` `b` 3 4", "1 2ab3 4"),
    ("print `a` `b`", "ab"),
    ("print nil nil", "<nil> <nil>"),
    ("print 1 nil `x` true", "1 <nil>xtrue"),
    ("println `a` 1 `b`", "a 1 b\n"),
    ("print", ""),
    ("println", "\n"),
]


@pytest.mark.parametrize(("call", "output"), SPACED)
def test_print_puts_spaces_between_what_is_no_string(call: str, output: str) -> None:
    assert parse("t", f"{{{{{call}}}}}", {}).render() == output
