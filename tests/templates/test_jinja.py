import pytest

from bootstrapper.templates.gotemplate import TemplateError
from bootstrapper.templates.jinja import parse_jinja
from bootstrapper.templates.keys import Keys

KEYS = Keys(
    {
        "/svc/a": "10.0.0.1:80",
        "/svc/b": "10.0.0.2:80",
        "/json": '{"port": 8080, "names": ["x", "y"]}',
        "/name": "Web",
    }
)

RENDERED = [
    # template, output
    (
        "{% for pair in gets('/svc/*') %}{{ pair.Key | base }}={{ pair.Value }}\n{% endfor %}",
        "a=10.0.0.1:80\nb=10.0.0.2:80\n",
    ),
    (
        "{{ getv('/name') }} {{ getv('/no', 'd') }} {{ exists('/no') }} {{ get('/name').Value }}",
        "Web d False Web",
    ),
    (
        "{{ getvs('/svc/*') | join(',') }} {{ join(getvs('/svc/*'), '-') }}",
        "10.0.0.1:80,10.0.0.2:80 10.0.0.1:80-10.0.0.2:80",
    ),
    ("{{ ls('/svc') }} {{ lsdir('/') }}", "['a', 'b'] []"),
    ("{{ json(getv('/json')).port }} {{ (getv('/json') | json).names[1] }}", "8080 y"),
    (
        "{{ getv('/name') | toUpper }} {{ 'a:b' | split(':') }} {{ 'x' | base64Encode }}",
        "WEB ['a', 'b'] eA==",
    ),
    (
        "{{ add(1, 2) }} {{ div(7, 2) }} {{ seq(1, 3) | list }} {{ map('a', 1).a }}",
        "3 3 [1, 2, 3] 1",
    ),
    ("{{ datetime().year > 2000 }} {{ 'a' | replace('a', 'b') }}", "True b"),
    ("<a & b>\n", "<a & b>\n"),
    ("{{ '<a>' }}", "<a>"),
]


@pytest.mark.parametrize(("source", "output"), RENDERED)
def test_jinja_has_confds_functions(source: str, output: str) -> None:
    assert parse_jinja("t.j2", source, KEYS).render() == output


FAULTS = [
    # template, what is said
    ("a\n{{ nope }}", "template: t.j2:2: 'nope' is undefined"),
    ("\n\n{{ getv('/no') }}", "template: t.j2:3: key does not exist: /no"),
    ("{{ get('/name').Nope }}", "has no attribute 'Nope'"),
    ("{{ div(1, 0) }}", "template: t.j2:1: runtime error: integer divide by zero"),
    ("{{ json('{') }}", "template: t.j2:1: "),
    ("{% if %}", "template: t.j2:1: "),
    ("x\n{% nope %}", "template: t.j2:2: Encountered unknown tag 'nope'"),
    ("{{ 1 | nope }}", "template: t.j2:1: No filter named 'nope'"),
    ("{% include 'other' %}", "template: t.j2:1: "),
    ("{{ cgetv('/x') }}", "unsupported: encrypted values"),
]


@pytest.mark.parametrize(("source", "said"), FAULTS)
def test_jinja_fails_with_the_place_and_no_output(source: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_jinja("t.j2", source, KEYS).render()
    assert said in str(caught.value)


def test_a_template_sees_keys_that_were_replaced() -> None:
    keys = Keys({"/a": "1"})
    template = parse_jinja("t.j2", "{{ getv('/a') }}", keys)
    keys.replace({"/a": "2"})
    assert template.render() == "2"
