"""What a literal is worth where a certain type is wanted, and where none is."""

from typing import Any

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.types import VALUE, Kind, Type
from bootstrapper.templates.gotemplate.values import NO_VALUE, PLAIN, Scalar, zero

Literal = nodes.Bool | nodes.String | nodes.Number | nodes.Nil

NUMBERS = {
    Kind.INT: ("integer", "expected integer; found"),
    Kind.UINT: ("unsigned", "expected unsigned integer; found"),
    Kind.FLOAT: ("real", "expected float; found"),
    Kind.COMPLEX: ("imaginary", "expected complex; found"),
}


def literal(node: Literal, wanted: Type) -> Any:
    """As an argument of that type; Fault where Go has none."""
    if isinstance(node, nodes.Nil):
        if not wanted.nilable:
            raise Fault(f"cannot assign nil to {wanted}")
        return NO_VALUE if wanted is VALUE else zero(wanted)
    kind = wanted.kind
    if kind is Kind.INTERFACE and not wanted.methods:
        return ideal(node)
    if kind is Kind.BOOL:
        return _sized(_the(node, nodes.Bool, "expected bool; found").value, wanted)
    if kind is Kind.STRING:
        return _sized(_the(node, nodes.String, "expected string; found").value, wanted)
    if kind in NUMBERS:
        attribute, fault = NUMBERS[kind]
        value = getattr(node, attribute, None)
        if value is None:
            raise Fault(f"{fault} {node}")
        return _sized(value, wanted)
    raise Fault(f"can't handle {node} for arg of type {wanted}")


def _the(node: Any, kind: type, fault: str) -> Any:
    if not isinstance(node, kind):
        raise Fault(f"{fault} {node}")
    return node


def _sized(value: Any, wanted: Type) -> Any:
    return value if PLAIN[value.__class__] is wanted else Scalar(wanted, value)


def ideal(node: Literal) -> Any:
    """Without a wanted type the way it is written decides."""
    if isinstance(node, nodes.Bool | nodes.String):
        return node.value
    if isinstance(node, nodes.Nil):
        raise Fault("nil is not a command")
    if node.imaginary is not None:
        return node.imaginary
    if node.real is not None and _written_real(node.text):
        return node.real
    if node.integer is None:
        raise Fault(f"{node} overflows int")
    return node.integer


def _written_real(text: str) -> bool:
    if text.startswith("'"):
        return False
    if text[:2] in {"0x", "0X"} and not any(mark in text for mark in "pP"):
        return False
    return any(mark in text for mark in ".eEpP")
