"""Go's text/template for Python: a template is parsed once, compiled to Python, rendered often.

It knows nothing of the program around it: functions are passed in, each with its Go signature,
and every fault is a TemplateError whose words are Go's. Output is whole or there is none.

    upper = Function(str.upper, (STRING,), STRING)
    template = parse("motd", "Hello {{upper .name}}", {"upper": upper})
    template.render({"name": "you"})
"""

from bootstrapper.templates.gotemplate.errors import Fault, TemplateError
from bootstrapper.templates.gotemplate.quoting import quote
from bootstrapper.templates.gotemplate.template import Template, parse
from bootstrapper.templates.gotemplate.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STRING,
    Function,
    Kind,
    Type,
    map_of,
    pointer_to,
    slice_of,
    struct_of,
)
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    Channel,
    Map,
    Pointer,
    Scalar,
    Slice,
    Struct,
)

__all__ = [
    "ANY",
    "BOOL",
    "FLOAT",
    "INT",
    "NO_VALUE",
    "STRING",
    "Channel",
    "Fault",
    "Function",
    "Kind",
    "Map",
    "Pointer",
    "Scalar",
    "Slice",
    "Struct",
    "Template",
    "TemplateError",
    "Type",
    "map_of",
    "parse",
    "pointer_to",
    "quote",
    "slice_of",
    "struct_of",
]
