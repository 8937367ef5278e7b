import pytest

from bootstrapper.templates.dns import Service
from bootstrapper.templates.gotemplate import (
    INT,
    Function,
    Pointer,
    Slice,
    TemplateError,
    parse,
)
from bootstrapper.templates.lookups import SRVS, SRVRecord, lookup_ip, lookup_ipv4

RECORD = SRVRecord(Service("web.example.com.", 80, 10, 5))
FUNCTIONS = {
    "services": Function(lambda: Slice(SRVS, [Pointer(RECORD)]), (), SRVS),
    "twice": Function(lambda number: number * 2, (INT,), INT),
}


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("{{.Target}}:{{.Port}} {{.Priority}} {{.Weight}}", "web.example.com.:80 10 5"),
        ("{{.}} {{printf `%v` .}}", "{web.example.com. 80 10 5} &{web.example.com. 80 10 5}"),
        ("{{eq .Port 80}} {{lt .Priority .Port}} {{printf `%05d` .Port}}", "true true 00080"),
    ],
)
def test_a_service_is_a_pointer_to_a_struct_as_in_go(source: str, output: str) -> None:
    template = parse("t", f"{{{{range services}}}}{source}{{{{end}}}}", FUNCTIONS)
    assert template.render() == output


def test_a_port_is_no_int() -> None:
    template = parse("t", "{{range services}}{{twice .Port}}{{end}}", FUNCTIONS)
    with pytest.raises(TemplateError, match="expected int; got uint16"):
        template.render()


@pytest.mark.parametrize("name", ["", "x" * 300, "not a name", "a..b"])
def test_what_does_not_resolve_has_no_addresses(name: str) -> None:
    assert lookup_ip(name) == []


def test_addresses_are_sorted_and_told_once() -> None:
    assert lookup_ipv4("localhost") == ["127.0.0.1"]
