"""Values as templates see them: Python's own, and classes for what Go tells apart and Python not.

`None` is Go's nil in an interface (an element, a field, an argument); NO_VALUE is no value at all
(a missing key, a nil that came through a pipeline). Truth is Python's: empty, zero, nil are false.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.types import (
    ANY,
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    MAP,
    SLICE,
    STRING,
    Function,
    Kind,
    Type,
    pointer_to,
)


class NoValue:
    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "<no value>"


NO_VALUE = NoValue()


class Slice(list[Any]):
    """A slice (or array) whose elements are not all of any type.

    What its capacity has beyond its length is `spare`: the builtin slice may reach into that.
    """

    __slots__ = ("go_type", "is_nil", "spare")

    def __init__(
        self,
        go_type: Type,
        items: Iterable[Any] = (),
        *,
        is_nil: bool = False,
        spare: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(items)
        self.go_type = go_type
        self.is_nil = is_nil
        self.spare = spare


class Map(dict[Any, Any]):
    __slots__ = ("go_type", "is_nil")

    def __init__(
        self, go_type: Type, items: Mapping[Any, Any] | None = None, *, is_nil: bool = False
    ) -> None:
        super().__init__(items or {})
        self.go_type = go_type
        self.is_nil = is_nil


class Struct:
    """Subclasses name their fields as Go does, and their `go_type`."""

    __slots__ = ()
    go_type: ClassVar[Type]

    def __eq__(self, other: object) -> bool:
        if self.__class__ is not other.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name, _ in self.go_type.fields)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name, _ in self.go_type.fields))


class Scalar:
    """A number, string or truth of another type than Go's defaults: a uint8, a named string."""

    __slots__ = ("go_type", "value")

    def __init__(self, go_type: Type, value: Any) -> None:
        self.go_type = go_type
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scalar) and (self.go_type.name, self.value) == (
            other.go_type.name,
            other.value,
        )

    def __hash__(self) -> int:
        return hash((self.go_type.name, self.value))


class Pointer:
    """A pointer to a value, or to None: a nil pointer."""

    __slots__ = ("go_type", "target")

    def __init__(self, target: Any, go_type: Type | None = None) -> None:
        self.target = target
        self.go_type = go_type or pointer_to(type_of(target))

    def __bool__(self) -> bool:
        return self.target is not None


class Channel:
    """A finite channel: a range takes all that comes; without a source it is nil."""

    __slots__ = ("go_type", "source")

    def __init__(self, element: Type, source: Iterable[Any] | None) -> None:
        self.go_type = Type(Kind.CHAN, f"chan {element}", element=element)
        self.source = source

    def __bool__(self) -> bool:
        return self.source is not None


PLAIN: dict[type, Type] = {
    str: STRING,
    int: INT,
    float: FLOAT,
    bool: BOOL,
    list: SLICE,
    dict: MAP,
    complex: COMPLEX,
    type(None): ANY,
}


def type_of(value: Any) -> Type:
    plain = PLAIN.get(value.__class__)
    if plain is not None:
        return plain
    go_type = getattr(value, "go_type", None)
    if isinstance(go_type, Type):
        return go_type
    if value is NO_VALUE:
        raise Fault("reflect: call of reflect.Value.Type on zero Value")
    raise Fault(f"a template cannot use a {type(value).__name__}")


def bare(value: Any) -> Any:
    """The Python value under a named or sized type."""
    return value.value if value.__class__ is Scalar else value


def zero(of: Type) -> Any:
    match of.kind:
        case Kind.STRING | Kind.INT | Kind.UINT | Kind.FLOAT | Kind.BOOL | Kind.COMPLEX:
            return _zero_scalar(of)
        case Kind.SLICE | Kind.ARRAY:
            return Slice(of, is_nil=of.kind is Kind.SLICE)
        case Kind.MAP:
            return Map(of, is_nil=True)
        case Kind.POINTER:
            return Pointer(None, of)
        case Kind.STRUCT:
            return ZeroStruct(of)
        case _:
            return None


SCALARS: dict[Kind, Any] = {
    Kind.STRING: "",
    Kind.INT: 0,
    Kind.UINT: 0,
    Kind.FLOAT: 0.0,
    Kind.BOOL: False,
    Kind.COMPLEX: 0j,
}


def _zero_scalar(of: Type) -> Any:
    value = SCALARS[of.kind]
    return value if of is PLAIN[value.__class__] else Scalar(of, value)


class ZeroStruct:
    """A struct that nobody filled: what a map of structs gives for a key it does not have."""

    def __init__(self, go_type: Type) -> None:
        self.go_type = go_type
        for name, of in go_type.fields:
            setattr(self, name, zero(of))


def indirect(value: Any) -> tuple[Any, bool]:
    """The value behind pointers, and whether it ends in nil."""
    while value.__class__ is Pointer:
        if value.target is None:
            return value, True
        value = value.target
    return value, value is None


def is_function(value: Any) -> bool:
    return value.__class__ is Function


def is_nil(value: Any) -> bool:
    if value is None or value is NO_VALUE:
        return True
    if isinstance(value, Slice | Map):
        return value.is_nil
    return value.__class__ in {Pointer, Channel} and not value


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def length(value: Any) -> int:
    """Go's len: of a string its bytes."""
    if value.__class__ is str and not value.isascii():
        return len(as_bytes(value))
    return len(value)
