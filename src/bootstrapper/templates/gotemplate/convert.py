"""Values as arguments: may this value be given for that type, and as what."""

from collections.abc import Sequence
from typing import Any

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.literals import literal
from bootstrapper.templates.gotemplate.types import (
    ANY,
    VALUE,
    Function,
    Kind,
    Type,
    assignable,
    same,
)
from bootstrapper.templates.gotemplate.values import NO_VALUE, Pointer, type_of, zero

LITERALS = (nodes.Bool, nodes.String, nodes.Number, nodes.Nil)


def convert(value: Any, wanted: Type) -> Any:
    if wanted is VALUE:
        return value
    if value is NO_VALUE:
        if not wanted.nilable:
            raise Fault(f"invalid value; expected {wanted}")
        return zero(wanted)
    if wanted is ANY:
        return value
    given = type_of(value)
    if value is not None and assignable(given, wanted):
        return value
    if value.__class__ is Pointer and given.element and assignable(given.element, wanted):
        if value.target is None:
            raise Fault(f"dereference of nil pointer of type {wanted}")
        return value.target
    if given.kind is Kind.STRUCT and wanted.element and same(given, wanted.element):
        return Pointer(value, wanted)
    raise Fault(f"wrong type for value; expected {wanted}; got {given}")


def argument(value: Any, wanted: Type) -> Any:
    """`value` may be a literal's node: what it is worth depends on what is wanted."""
    if isinstance(value, LITERALS):
        return literal(value, wanted)
    return convert(value, wanted)


def wrong_count(name: str, function: Function, given: int, piped: int) -> str:
    """Why so many arguments are wrong, or nothing."""
    wanted = len(function.parameters)
    if function.variadic is not None:
        if given + piped >= wanted:
            return ""
        return f"wrong number of args for {name}: want at least {wanted} got {given}"
    if given + piped == wanted:
        return ""
    return f"wrong number of args for {name}: want {wanted} got {given + piped}"


def parameter(function: Function, number: int) -> Type:
    if number < len(function.parameters):
        return function.parameters[number]
    return function.variadic or ANY


def call_method(
    receiver: Any, name: str, function: Function, given: Sequence[Any], piped: Sequence[Any]
) -> Any:
    if wrong := wrong_count(name, function, len(given), len(piped)):
        raise Fault(wrong)
    arguments = [
        argument(value, parameter(function, number))
        for number, value in enumerate((*given, *piped))
    ]
    try:
        return function.call(receiver, *arguments)
    except Exception as error:
        raise Fault(f"error calling {name}: {error}") from error


def call_value(name: str, function: Any, *given: Any) -> Any:
    """The builtin `call`: a function that is a value."""
    if function is None or function is NO_VALUE:
        raise Fault("call of nil")
    if function.__class__ is not Function:
        raise Fault(f"non-function {name} of type {type_of(function)}")
    if wrong := wrong_count(name, function, len(given), 0):
        raise Fault(wrong)
    arguments = [
        _given(number, value, parameter(function, number)) for number, value in enumerate(given)
    ]
    return function.call(*arguments)


def _given(number: int, value: Any, wanted: Type) -> Any:
    if value is None or value is NO_VALUE:
        if wanted.kind is Kind.INTERFACE or wanted.nilable:
            return zero(wanted)
        raise Fault(f"arg {number}: value is nil; should be of type {wanted}")
    if not assignable(type_of(value), wanted):
        raise Fault(f"arg {number}: value has type {type_of(value)}; should be {wanted}")
    return value
