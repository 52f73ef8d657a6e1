"""Our data classes against those of the standard library, which they stand in for."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from sreconsole import records

DECORATORS: list[tuple[Any, Any]] = [
    (records.dataclass, records.field),
    (dataclasses.dataclass, dataclasses.field),
]


def classes(dataclass: Any, field: Any) -> tuple[Any, Any]:
    """A frozen, ordered class and one that changes."""

    @dataclass(frozen=True, slots=True, order=True)
    class Point:
        x: float
        """East."""
        y: float = 0.0
        name: str = field(default="", repr=False)

        def moved(self) -> Any:
            return Point(self.x + 1, self.y)

    @dataclass(slots=True)
    class Bag:
        owner: str
        things: list[int] = field(default_factory=list)
        count: int = field(default=0, init=False)

        def __post_init__(self) -> None:
            self.count = len(self.things)

    return Point, Bag


@pytest.mark.parametrize(("dataclass", "field"), DECORATORS)
def test_a_frozen_class_is_a_value(dataclass: Any, field: Any) -> None:
    Point, _ = classes(dataclass, field)
    point = Point(1, y=2.0)
    assert (point.x, point.y, point.name) == (1, 2.0, "")
    assert point == Point(1, 2.0)
    assert point != Point(1, 2.0, "a")
    assert point != (1, 2.0, "")
    assert len({point, Point(1, 2.0), Point(1)}) == 2
    assert hash(point) == hash((1, 2.0, ""))
    assert sorted([Point(2), Point(1, 3), Point(1)]) == [Point(1), Point(1, 3), Point(2)]
    assert Point(1) <= Point(1) < Point(1, 1) > Point(0) >= Point(0)
    assert repr(point).endswith("Point(x=1, y=2.0)")
    assert point.moved() == Point(2, 2.0)
    assert copy.copy(point) == copy.deepcopy(point) == point
    assert Point.__match_args__ == ("x", "y", "name")
    nan = float("nan")
    assert Point(nan) == Point(nan)


@pytest.mark.parametrize(("dataclass", "field"), DECORATORS)
def test_a_frozen_class_does_not_change(dataclass: Any, field: Any) -> None:
    point = classes(dataclass, field)[0](1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize(("dataclass", "field"), DECORATORS)
def test_a_class_that_changes_has_its_own_lists_and_no_hash(dataclass: Any, field: Any) -> None:
    _, Bag = classes(dataclass, field)
    bag, other = Bag("a"), Bag("b", [1, 2])
    bag.things.append(3)
    assert (bag.things, other.things, Bag("c").things, other.count) == ([3], [1, 2], [], 2)
    bag.owner = "b"
    assert bag != other
    assert repr(other).endswith("Bag(owner='b', things=[1, 2], count=2)")
    with pytest.raises(TypeError, match="unhashable"):
        hash(bag)
    with pytest.raises(AttributeError):
        bag.colour = "red"


@pytest.mark.parametrize(("dataclass", "field"), DECORATORS)
def test_mistakes_are_told(dataclass: Any, field: Any) -> None:
    Point, Bag = classes(dataclass, field)
    with pytest.raises(TypeError, match=r"Point\.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'count'"):
        Bag("a", count=2)
    with pytest.raises(ValueError, match="default_factory"):

        @dataclass(slots=True)
        class Shared:
            things: list[int] = []  # noqa: RUF012 - refused, which is the point


@pytest.mark.parametrize("replace", [records.replace, dataclasses.replace])
def test_replacing_works_from_both_sides(replace: Any) -> None:
    Point, Bag = classes(*DECORATORS[0])
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    assert replace(Bag("a", [1]), things=[]).count == 0
    with pytest.raises(TypeError, match="z"):
        replace(Point(1), z=3)


def test_they_are_data_classes_to_others() -> None:
    Point, Bag = classes(*DECORATORS[0])
    assert dataclasses.is_dataclass(Point)
    assert [field.name for field in dataclasses.fields(Bag)] == ["owner", "things", "count"]
    assert dataclasses.asdict(Bag("a", [1])) == {"owner": "a", "things": [1], "count": 1}
    assert dataclasses.fields(Bag)[0] is dataclasses.fields(Bag)[0], "that is found out once: it costs a millisecond"


def test_nothing_is_compiled_before_it_is_needed() -> None:
    """What makes the start quick: neither `dataclasses` nor `inspect` is loaded, no method is written."""
    code = (
        "import sys\n"
        "import sreconsole.domain.report, sreconsole.config.model as model, sreconsole.errors as errors\n"
        "print({'dataclasses', 'inspect'} & set(sys.modules))\n"
        "print(model.Config.__init__.__name__, errors.Problem.__init__.__name__)\n"
        "errors.Problem('a', 1, '', 'b'); print(errors.Problem.__init__.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\nfirst first\nmade\n"
