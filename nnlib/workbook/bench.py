"""Benches: live pictures that a chapter declares in a few lines.

An author writes controls, axes and three pure functions of the parameters; everything else is here and in
`live.py`. A bench holds no state of its own, so its mathematics is tested without a browser:

    class Wave(Bench):
        title = "A sine wave"
        finding = "A higher frequency squeezes the wave, it does not lift it."
        controls = (Slider("frequency", "frequency", 1, 5, value=2, unit="Hz"),)
        axes = (Axes(xlabel="time [s]", ylabel="height", ylim=(-1, 1)),)
        moments = (Moment("slow", frequency=1), Moment("fast", frequency=4))

        def compute(self, *, frequency):
            t = np.linspace(0, 1, 200)
            return Scene([Line(t, np.sin(2 * np.pi * frequency * t))])

        def describe(self, *, frequency):
            return f"{frequency:g} waves in one second."
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from nnlib.workbook.controls import Button, Choice, Pointer, Slider, State
from nnlib.workbook.live import Live, register
from nnlib.workbook.scene import Axes, Scene, legend, new_figure, small_png, styled

__all__ = ["Axes", "Bench", "Button", "Choice", "Moment", "Pointer", "Scene", "Slider", "State"]


class Moment:
    """One panel of the still picture: a caption and the parameters that differ from the default."""

    def __init__(self, caption: str, **parameters: Any) -> None:
        self.caption, self.parameters = caption, parameters


class Bench:
    """A live picture. Subclasses declare the attributes below and write `compute` and `describe`."""

    title: str
    finding: str = ""  # what a reader would have discovered; it heads the still picture
    controls: Sequence[Slider | Choice | State | Button] = ()
    axes: Sequence[Axes] = (Axes(),)
    moments: Sequence[Moment] = ()
    size: tuple[int, int] = (640, 340)  # pixels; never wider than 640
    guide: str = ""  # what the keyboard does on the picture itself; empty where one cannot draw
    _live: Live | None = None

    def compute(self, **parameters: Any) -> Scene:
        """What changes, for these parameters. Pure."""
        raise NotImplementedError

    def describe(self, **parameters: Any) -> str:
        """The same in words, with numbers rounded hard. Pure."""
        raise NotImplementedError

    def static(self) -> Scene:
        """What matplotlib draws once, above the images and beneath everything else."""
        return Scene()

    def press(self, button: str, **parameters: Any) -> dict[str, Any]:
        """The parameters that a button changes. Pure."""
        raise NotImplementedError

    def on_pointer(self, pointer: Pointer, **parameters: Any) -> dict[str, Any]:
        """The parameters that a press or drag on the picture changes. Pure."""
        return {}

    def on_key(self, key: str, **parameters: Any) -> dict[str, Any]:
        """The parameters that an arrow key, "Space" or "Enter" on the picture changes. Pure."""
        return {}

    def settings(self, **changes: Any) -> dict[str, Any]:
        """All parameters at their defaults, but for these changes.

        Raises ValueError for a name that no control has.
        """
        defaults = {control.name: control.default for control in self.controls if not isinstance(control, Button)}
        for name in changes.keys() - defaults.keys():
            raise ValueError(f"{type(self).__name__}: no parameter {name!r}; there are {', '.join(defaults)}.")
        return defaults | changes

    def still(self) -> Figure:
        """Small multiples: one row of panels for each moment, or one row in all where a picture has one panel."""
        moments = self.moments or (Moment(""),)
        across = len(self.axes) == 1
        rows, columns = (1, len(moments)) if across else (len(moments), len(self.axes))
        with styled():
            figure = new_figure(self.size[0], self.size[1] * 0.85 * rows)
            panels = figure.subplots(rows, columns, squeeze=False, sharey=across)
            for moment, row in zip(moments, panels.T if across else panels, strict=True):
                self._draw_moment(moment, row)
            scene = self.compute(**self.settings(**moments[0].parameters))
            legend(figure, [*self.static().layers, *scene.layers], side="lower")
            figure.suptitle("\n".join(textwrap.wrap(self.finding or self.title, 70)), fontsize=11, fontweight="bold")
        return figure

    def _draw_moment(self, moment: Moment, panels: Sequence[Any]) -> None:
        for axes, panel in zip(self.axes, panels, strict=True):
            axes.draw(panel)
            if len(self.axes) == 1:
                panel.label_outer()
        panels[0].set_title(moment.caption)
        self.static().draw(panels)
        self.compute(**self.settings(**moment.parameters)).draw(panels)

    @property
    def live(self) -> Live:
        """The widgets and the worker behind the picture; made when the bench is first shown, or again once closed."""
        if self._live is None or self._live.closed:
            self._live = Live(self)
        return self._live

    def close(self) -> None:
        """End the worker and take the picture away."""
        if self._live is not None:
            self._live.close()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        register(self.live)
        words = self.describe(**self.settings())
        with styled():
            picture = small_png(self.still())
        view = {"version_major": 2, "version_minor": 0, "model_id": self.live.box.model_id}
        bundle = {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": base64.b64encode(picture).decode("ascii"),
            "text/plain": f"{self.title}\n{words}",
        }
        return bundle, {"image/png": {"width": self.size[0], "alt": f"{self.finding or self.title} {words}"}}
