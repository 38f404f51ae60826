"""What a reader can set on a bench: sliders, choices, buttons, and state that keys and pointer change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets


@dataclass(frozen=True)
class Slider:
    """A number between low and high; whole numbers if all of low, high, step and value are `int`.

    With `log=True` the handle moves in powers of ten and `step` counts those; low, high and value are the numbers.
    """

    name: str
    label: str
    low: float
    high: float
    step: float = 1
    value: float | None = None
    unit: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"Slider({self.name!r}): value {self.default} is outside [{self.low}, {self.high}].")

    @property
    def default(self) -> float:
        return self.low if self.value is None else self.value

    def grid(self) -> list[float]:
        """Both ends and the default, for tests that sweep a bench."""
        return [self.low, self.default, self.high]

    def widget(self) -> ipywidgets.DOMWidget:
        look = {"description": f"{self.label} [{self.unit}]" if self.unit else self.label, "value": self.default}
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            return ipywidgets.FloatLogSlider(min=low, max=high, step=self.step, readout_format=".3g", **look)
        whole = all(isinstance(number, int) for number in (self.low, self.high, self.step, self.default))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        return kind(min=self.low, max=self.high, step=self.step, **look)


@dataclass(frozen=True)
class Choice:
    """One of several values: a mapping from the words shown to the values, or a sequence of values."""

    name: str
    label: str
    options: Mapping[str, Any] | Sequence[Any]
    value: Any = None

    @property
    def default(self) -> Any:
        return self.grid()[0] if self.value is None else self.value

    def grid(self) -> list[Any]:
        """All values, for tests that sweep a bench."""
        return list(self.options.values() if isinstance(self.options, Mapping) else self.options)

    def widget(self) -> ipywidgets.DOMWidget:
        return ipywidgets.Dropdown(options=self.options, value=self.default, description=self.label)


@dataclass(frozen=True)
class State:
    """A parameter without a control: keys, pointer and buttons change it (what was drawn, where the cursor is)."""

    name: str
    default: Any = None

    def grid(self) -> list[Any]:
        """The default alone."""
        return [self.default]


@dataclass(frozen=True)
class Button:
    """A button; `Bench.press(name, ...)` says which parameters it changes."""

    name: str
    label: str
    tooltip: str = ""

    def widget(self) -> ipywidgets.Button:
        return ipywidgets.Button(description=self.label, tooltip=self.tooltip or self.label)


@dataclass(frozen=True)
class Pointer:
    """A press or a piece of a drag: from (x0, y0) to (x, y), in data coordinates of the axes with that number."""

    event: str
    axes: int
    x0: float
    y0: float
    x: float
    y: float
