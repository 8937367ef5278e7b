"""Fields, keys and methods of a value, and what a range walks over."""

from collections.abc import Callable, Sequence
from typing import Any

from bootstrapper.templates.gotemplate.convert import call_method
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.printing import in_order, shown
from bootstrapper.templates.gotemplate.types import STRING, Function, Kind, Type, assignable
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    Channel,
    Pointer,
    Scalar,
    indirect,
    type_of,
)


def field(value: Any, name: str, boxed: bool = False) -> Any:
    """`.name`; `boxed` says that the value was an interface's, which the errors then name."""
    if value.__class__ is dict:
        return value.get(name, NO_VALUE)
    return invoke(value, name, (), (), boxed)


def invoke(
    value: Any, name: str, given: Sequence[Any], piped: Sequence[Any], boxed: bool = False
) -> Any:
    """`.name` with what it was given as arguments: only a method takes any."""
    if value is NO_VALUE:
        return NO_VALUE
    target, nil = indirect(value)
    shown_type = "interface {}" if boxed else type_of(value).name
    if target is None:
        raise Fault(f"nil pointer evaluating {shown_type}.{name}")
    method = _method(value, target, name)
    if method is not None:
        return call_method(target, name, method, given, piped)
    of = type_of(target)
    has_arguments = bool(given or piped)
    if of.kind is Kind.STRUCT and of.field(name):
        return _of_struct(target, name, shown_type, has_arguments)
    if of.kind is Kind.MAP and of.key is not None and assignable(STRING, of.key):
        if has_arguments:
            raise Fault(f"{name} is not a method but has arguments")
        return target.get(name, NO_VALUE)
    if nil and not _lacks(of, name):
        raise Fault(f"nil pointer evaluating {shown_type}.{name}")
    raise Fault(f"can't evaluate field {name} in type {shown_type}")


def _method(value: Any, target: Any, name: str) -> Function | None:
    found = type_of(value).methods.get(name)
    if found is None and target is not value:
        found = type_of(target).methods.get(name)
    return found


def _of_struct(target: Any, name: str, shown_type: str, has_arguments: bool) -> Any:
    if not name[:1].isupper():
        raise Fault(f"{name} is an unexported field of struct type {shown_type}")
    if has_arguments:
        raise Fault(f"{name} has arguments but cannot be invoked as function")
    return getattr(target, name)


def _lacks(pointer: Type, name: str) -> bool:
    """A nil pointer to a struct that has no such field anyway."""
    of = pointer.element
    return of is not None and of.kind is Kind.STRUCT and of.field(name) is None


def _ranged(value: Any, integers: bool) -> Any:
    """A sequence of its elements or a map, indirected."""
    target, _ = indirect(value)
    if target is NO_VALUE or target is None or target.__class__ is Pointer:
        if target.__class__ is Pointer:
            raise Fault(f"range can't iterate over {shown(target)}")
        return ()
    if isinstance(target, list | dict):
        return target
    if target.__class__ is Channel:
        return list(target.source or ())
    if integers and _is_integer(target):
        return _counted(target)
    raise Fault(f"range can't iterate over {shown(target)}")


def _is_integer(value: Any) -> bool:
    target, nil = indirect(value)
    return not nil and target is not NO_VALUE and type_of(target).kind in {Kind.INT, Kind.UINT}


def _counted(number: Any) -> Any:
    """An integer counts from zero, in its own type."""
    if number.__class__ is Scalar:
        return [Scalar(number.go_type, each) for each in range(number.value)]
    return range(number)


def elements(integers: bool) -> Callable[[Any], Sequence[Any]]:
    def of(value: Any) -> Sequence[Any]:
        found = _ranged(value, integers)
        if isinstance(found, dict):
            return [found[key] for key in in_order(found)]
        return found  # type: ignore[no-any-return]

    return of


def pairs(integers: bool) -> Callable[[Any], Sequence[tuple[Any, Any]]]:
    def of(value: Any) -> Sequence[tuple[Any, Any]]:
        if integers and _is_integer(value):
            raise Fault(f"can't use {shown(value)} to iterate over more than one variable")
        found = _ranged(value, integers)
        if isinstance(found, dict):
            return [(key, found[key]) for key in in_order(found)]
        return list(enumerate(found))

    return of
