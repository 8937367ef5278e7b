"""Go's types, as far as templates can tell them apart, and the signatures of functions.

A type says what may be assigned to a parameter, how a value prints and which errors name it.
The plain Python values stand for Go's own: int, float, str, bool, complex, `[]interface {}` (list)
and `map[string]interface {}` (dict).
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any


class Kind(Enum):
    INVALID = "invalid"
    BOOL = "bool"
    INT = "int"
    UINT = "uint"
    FLOAT = "float"
    COMPLEX = "complex"
    STRING = "string"
    SLICE = "slice"
    ARRAY = "array"
    MAP = "map"
    STRUCT = "struct"
    POINTER = "ptr"
    FUNC = "func"
    INTERFACE = "interface"
    CHAN = "chan"


NILABLE = frozenset(
    {Kind.SLICE, Kind.MAP, Kind.POINTER, Kind.FUNC, Kind.INTERFACE, Kind.CHAN},
)


class Type:
    """One Go type; types are made once and compared by `same`. Its name is as Go prints it."""

    __slots__ = ("bits", "element", "fields", "key", "kind", "methods", "name", "named")

    def __init__(
        self,
        kind: Kind,
        name: str,
        element: "Type | None" = None,
        key: "Type | None" = None,
        fields: "tuple[tuple[str, Type], ...]" = (),
        methods: "Mapping[str, Function] | None" = None,
        named: bool = False,
        bits: int = 64,
    ) -> None:
        self.kind = kind
        self.name = name
        self.element = element
        self.key = key
        self.fields = fields
        self.methods: Mapping[str, Function] = {} if methods is None else methods
        self.named = named
        self.bits = bits

    def __str__(self) -> str:
        return self.name

    @property
    def nilable(self) -> bool:
        return self.kind in NILABLE

    def field(self, name: str) -> "Type | None":
        return next((of for each, of in self.fields if each == name), None)


class Function:
    """A Python callable with its Go signature; `variadic` is the type of each further argument.

    Without a `result` it is interface {}. It fails by raising: Fault, or any other exception, whose
    text becomes the template's error.
    """

    __slots__ = ("call", "parameters", "result", "variadic")

    def __init__(
        self,
        call: Callable[..., Any],
        parameters: tuple[Type, ...] = (),
        result: Type | None = None,
        variadic: Type | None = None,
    ) -> None:
        self.call = call
        self.parameters = parameters
        self.result = result
        self.variadic = variadic

    @property
    def go_type(self) -> Type:
        taken = [str(each) for each in self.parameters]
        if self.variadic:
            taken.append(f"...{self.variadic}")
        return Type(Kind.FUNC, f"func({', '.join(taken)}) {self.result or ANY}")


BOOL = Type(Kind.BOOL, "bool")
INT = Type(Kind.INT, "int")
UINT8 = Type(Kind.UINT, "uint8", bits=8)
UINT16 = Type(Kind.UINT, "uint16", bits=16)
INT32 = Type(Kind.INT, "int32", bits=32)
FLOAT = Type(Kind.FLOAT, "float64")
COMPLEX = Type(Kind.COMPLEX, "complex128", bits=128)
STRING = Type(Kind.STRING, "string")
ANY = Type(Kind.INTERFACE, "interface {}")
VALUE = Type(Kind.INTERFACE, "reflect.Value")
"""A builtin's parameter that takes the value as it is, even none at all."""


def slice_of(element: Type, name: str = "") -> Type:
    return Type(Kind.SLICE, name or f"[]{element}", element=element, named=bool(name))


def map_of(key: Type, element: Type) -> Type:
    return Type(Kind.MAP, f"map[{key}]{element}", element=element, key=key)


def pointer_to(element: Type) -> Type:
    return Type(Kind.POINTER, f"*{element}", element=element)


def struct_of(
    name: str,
    fields: Mapping[str, Type],
    methods: "Mapping[str, Function] | None" = None,
) -> Type:
    return Type(Kind.STRUCT, name, fields=tuple(fields.items()), methods=methods or {}, named=True)


SLICE = slice_of(ANY)
MAP = map_of(STRING, ANY)


def same(one: Type, other: Type) -> bool:
    return one is other or (one.kind is other.kind and one.name == other.name)


def assignable(given: Type, wanted: Type) -> bool:
    if same(given, wanted):
        return True
    if wanted.kind is Kind.INTERFACE:
        return all(name in given.methods for name in wanted.methods)
    if given.kind is not wanted.kind or (given.named and wanted.named):
        return False
    return (
        _alike(given.element, wanted.element)
        and _alike(given.key, wanted.key)
        and (given.kind in {Kind.SLICE, Kind.MAP, Kind.POINTER})
    )


def _alike(one: Type | None, other: Type | None) -> bool:
    if one is None or other is None:
        return one is other
    return same(one, other)
