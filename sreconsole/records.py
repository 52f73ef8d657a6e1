"""Data classes as the standard library spells them, whose methods are written when they are first called.

`dataclasses` loads `inspect`, and compiles a handful of methods for each class as it is defined: with our hundred
classes that was a third of what the console needs beyond Textual's own start, and most of it was for classes that the
run at hand never makes. Here a class costs two closures; its `__init__` is compiled with its first instance. To type
checkers the names below are those of `dataclasses`, and to that module our classes are data classes.

Only what we use is offered: `slots` always, `frozen`, `order`, `repr`; `field` with `default`, `default_factory`,
`init` and `repr`; no inheritance between data classes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_FIELDS, _VALUES = "__record_fields__", "__record_values__"
_NONE: Any = object()
"""Stands for no default."""


class _Field:
    """What is said of a field beside its name."""

    __slots__ = ("default", "factory", "init", "repr")

    def __init__(self, default: Any, factory: Any, init: bool, repr: bool) -> None:
        self.default, self.factory, self.init, self.repr = default, factory, init, repr


def _field(*, default: Any = _NONE, default_factory: Any = _NONE, init: bool = True, repr: bool = True) -> Any:
    return _Field(default, default_factory, init, repr)


def _replace(record: Any, /, **changes: Any) -> Any:
    """The same record but for these fields."""
    cls = record.__class__
    return cls(**(cls.__record_values__(record) | changes))


def _dataclass(*, slots: bool, frozen: bool = False, order: bool = False, repr: bool = True) -> Any:
    """Make a data class of a class."""
    assert slots, "only with slots"

    def made(cls: type[Any]) -> type[Any]:
        return _made(cls, frozen, order, repr)

    return made


def _made(cls: type[Any], frozen: bool, order: bool, shown: bool) -> type[Any]:
    space = dict(cls.__dict__)
    fields: dict[str, _Field] = {}
    for name, kind in space.get("__annotations__", {}).items():
        if kind.startswith("ClassVar"):
            continue
        default = space.pop(name, _NONE)
        told = default if type(default) is _Field else _Field(default, _NONE, True, True)
        if told.default is not _NONE and told.default.__class__.__hash__ is None:
            raise ValueError(f"{cls.__name__}.{name}: a default that can change is shared; use default_factory")
        fields[name] = told
    for name in ("__dict__", "__weakref__"):
        space.pop(name, None)
    space |= {_FIELDS: fields, "__slots__": tuple(fields), "__dataclass_fields__": _Standard()}
    space["__match_args__"] = tuple(name for name, told in fields.items() if told.init)
    written = ["__init__", *(["__eq__"] if "__eq__" not in space else [])]
    # A class that says itself what makes two of it equal has None for a hash.
    if space.get("__hash__") is None:
        space["__hash__"] = None
        written += ["__hash__"] if frozen else []
    written += ["__lt__", "__le__", "__gt__", "__ge__"] if order else []
    if frozen:
        space |= {"__setattr__": _set, "__delattr__": _delete, "__getstate__": _state, "__setstate__": _restore}
    if shown and "__repr__" not in space:
        space["__repr__"] = _shown
    # `super()` without arguments would still mean the class before; we do not use it in data classes.
    kind_of_class: Any = type(cls)
    record: type[Any] = kind_of_class(cls.__name__, cls.__bases__, space)
    for name in (*written, _VALUES):
        setattr(record, name, _unwritten(record, name))
    return record


def _unwritten(record: type[Any], name: str) -> Callable[..., Any]:
    """A method that writes itself when it is first called."""

    def first(self: Any, *given: Any, **named: Any) -> Any:
        if name == _VALUES:
            method = _values(record)
        else:
            method = _initializer(record) if name == "__init__" else _comparison(record, name)
        method.__qualname__ = f"{record.__qualname__}.{name}"
        setattr(record, name, method)
        return method(self, *given, **named)

    return first


def _values(cls: type[Any]) -> Callable[..., Any]:
    """The fields that `__init__` takes, by name: thousands of reports are copied when a console starts."""
    inside = ", ".join(f"{name!r}: self.{name}" for name, told in getattr(cls, _FIELDS).items() if told.init)
    return _compiled("def made(self):", [f" return {{{inside}}}"], {})


def _comparison(cls: type[Any], name: str) -> Callable[..., Any]:
    """Equality, order or hash by the values of all fields."""
    mine, others = ("".join(f"{who}.{field}, " for field in getattr(cls, _FIELDS)) for who in ("self", "other"))
    if name == "__hash__":
        return _compiled("def made(self):", [f" return hash(({mine}))"], {})
    sign = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}[name]
    lines = [" if other.__class__ is self.__class__:", f"  return ({mine}) {sign} ({others})", " return NotImplemented"]
    return _compiled("def made(self, other):", lines, {})


def _initializer(cls: type[Any]) -> Callable[..., Any]:
    """The `__init__` of a class: every field set through its slot, which `frozen` does not bar."""
    known: dict[str, Any] = {"NONE": _NONE}
    given, lines = [], []
    for name, told in getattr(cls, _FIELDS).items():
        known[f"set_{name}"] = cls.__dict__[name].__set__
        value = name
        if told.factory is not _NONE:
            known[f"make_{name}"] = told.factory
            value = f"make_{name}() if {name} is NONE else {name}" if told.init else f"make_{name}()"
            given += [f"{name}=NONE"] if told.init else []
        elif told.default is not _NONE:
            known[f"default_{name}"] = told.default
            value = name if told.init else f"default_{name}"
            given += [f"{name}=default_{name}"] if told.init else []
        elif told.init:
            given.append(name)
        else:
            continue
        lines.append(f" set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    return _compiled(f"def made(self, {', '.join(given)}):", lines or [" pass"], known)


def _compiled(head: str, lines: list[str], known: dict[str, Any]) -> Callable[..., Any]:
    exec("\n".join((head, *lines)), known)
    made: Callable[..., Any] = known["made"]
    return made


def _shown(self: Any) -> str:
    told = getattr(self, _FIELDS)
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name, field in told.items() if field.repr)
    return f"{self.__class__.__qualname__}({inside})"


def _set(self: Any, name: str, value: object) -> None:
    raise _frozen(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:
    raise _frozen(f"cannot delete field {name!r}")


def _frozen(sentence: str) -> AttributeError:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(sentence)


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


class _Standard:
    """What `dataclasses` wants to know of a class, made when somebody asks, and then in the place of this."""

    def __get__(self, record: object, cls: type[Any]) -> dict[str, Any]:
        import dataclasses

        space: dict[str, Any] = {"__annotations__": cls.__annotations__, "__module__": cls.__module__}
        for name, told in getattr(cls, _FIELDS).items():
            said = {"init": told.init, "repr": told.repr}
            if told.default is not _NONE:
                said["default"] = told.default
            if told.factory is not _NONE:
                said["default_factory"] = told.factory
            space[name] = dataclasses.field(**said)
        twin: Any = dataclasses.dataclass(type(cls.__name__, (), space))
        fields: dict[str, Any] = twin.__dataclass_fields__
        cls.__dataclass_fields__ = fields
        return fields


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    dataclass, field, replace = _dataclass, _field, _replace
