"""The running side of a bench: widgets that only leave a note, and one worker thread that computes and sends.

Comm handlers may run in any thread (JupyterLab sends them through a subshell of the kernel), so none of them
computes or sends. The worker shows the newest values, and never sends a picture before the last one was drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
from IPython import get_ipython

from nnlib.workbook.controls import Pointer
from nnlib.workbook.stage import Stage, backdrop

if TYPE_CHECKING:
    from nnlib.workbook.bench import Bench

_shown: dict[str, tuple[str, list[Live]]] = {}  # by cell: the latest run of that cell, and what it shows


class Live:
    """Widgets and worker of one bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.note = threading.Condition()
        self.jobs: list[Callable[[], dict[str, Any]]] = []  # each returns the parameters it changes
        self.changed = self.closed = False
        self.sent = self.drawn = 0  # numbers of pictures
        self.thread: threading.Thread | None = None
        self.widgets = {control.name: control.widget() for control in bench.controls if hasattr(control, "widget")}
        self.state = {name: value for name, value in bench.settings().items() if name not in self.widgets}
        self.stage = self._make_stage()
        self.box = self._make_box()
        self._listen()

    @property
    def parameters(self) -> dict[str, Any]:
        """The newest value of each."""
        values = {name: widget.value for name, widget in self.widgets.items() if hasattr(widget, "value")}
        return values | self.state

    # ---- construction

    def _make_stage(self) -> Stage:
        bench, scene = self.bench, self.bench.compute(**self.parameters)
        still, axes = backdrop(bench.axes, bench.size, bench.static(), scene)
        layers, buffers = scene.pack()
        first = {"layers": layers, "buffers": buffers, "text": bench.describe(**self.parameters)}
        look = {"name": type(bench).__name__, "label": bench.title, "guide": bench.guide, "size": list(bench.size)}
        return Stage(still=still, axes=axes, first=first, **look)

    def _make_box(self) -> ipywidgets.VBox:
        labels = [len(widget.description) for widget in self.widgets.values() if hasattr(widget, "value")]
        for widget in self.widgets.values():
            if hasattr(widget, "value"):
                widget.style.description_width = f"{0.5 * max(labels) + 0.5:.1f}em"
        controls = ipywidgets.Box(list(self.widgets.values())).add_class("nnlib-controls")
        return ipywidgets.VBox([controls, self.stage]).add_class("nnlib-bench")

    def _listen(self) -> None:
        self.stage.on_msg(self._hear)
        for name, widget in self.widgets.items():
            if isinstance(widget, ipywidgets.Button):
                widget.on_click(lambda _, name=name: self._leave(lambda: self.bench.press(name, **self.parameters)))
            else:
                widget.observe(self._change, "value")

    # ---- handlers, in any thread: they leave a note and return

    def _change(self, _: Any) -> None:
        with self.note:
            self.changed = True
            self._wake()

    def _leave(self, job: Callable[[], dict[str, Any]]) -> None:
        with self.note:
            self.jobs.append(job)
            self._wake()

    def _hear(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        kind = message.get("t")
        if kind == "pointer":
            self._leave(lambda: self._point(message))
        elif kind == "key":
            self._leave(lambda: self.bench.on_key(message["key"], **self.parameters))
        elif kind == "ack":
            self._acknowledge(message["id"])
        elif kind == "ready":
            self._owe_again()

    def _point(self, message: dict[str, Any]) -> dict[str, Any]:
        pointer = Pointer(message["event"], message["axes"], *message["from"], *message["to"])
        return self.bench.on_pointer(pointer, **self.parameters)

    def _acknowledge(self, number: int) -> None:
        with self.note:
            self.drawn = max(self.drawn, number)
            self.note.notify_all()

    def _owe_again(self) -> None:
        """A page that was (re)loaded has drawn the first picture only, and will never acknowledge an older one."""
        with self.note:
            self.drawn, self.changed = self.sent, self.sent > 0
            if self.changed:
                self._wake()

    def _wake(self) -> None:
        if self.thread is None and not self.closed:
            self.thread = threading.Thread(target=self._work, name=f"bench-{id(self)}", daemon=True)
            self.thread.start()
        self.note.notify_all()

    # ---- the worker: the only place that computes and sends

    def _work(self) -> None:
        while self._wait():
            try:
                self._turn()
            except Exception as error:  # shown to the learner: nobody sees what a thread raises
                self.stage.send({"t": "text", "text": f"This picture stopped: {type(error).__name__}: {error}"})

    def _wait(self) -> bool:
        with self.note:
            self.note.wait_for(lambda: self.closed or self.jobs or self._may_send())
            return not self.closed

    def _may_send(self) -> bool:
        return self.changed and self.drawn >= self.sent

    def _turn(self) -> None:
        with self.note:
            jobs, self.jobs = self.jobs, []
        for job in jobs:
            self._apply(job())
        with self.note:
            send = self._may_send()
            self.changed = self.changed and not send
        if send:
            self._send()

    def _apply(self, changes: dict[str, Any]) -> None:
        self.state |= {name: value for name, value in changes.items() if name not in self.widgets}
        for name in changes.keys() & self.widgets.keys():
            self.widgets[name].value = changes[name]
        self._change(None)

    def _send(self) -> None:
        parameters = self.parameters
        layers, buffers = self.bench.compute(**parameters).pack()
        text = self.bench.describe(**parameters)
        self.sent += 1
        self.stage.send({"t": "frame", "id": self.sent, "layers": layers, "text": text}, buffers)

    def close(self) -> None:
        """End the worker and take the widgets away."""
        with self.note:
            self.closed = True
            self.note.notify_all()
        for widget in (*self.widgets.values(), self.stage, *self.box.children, self.box):
            widget.close()


def running_cell() -> tuple[str, str] | None:
    """The cell being run and the number of this run, where the front end tells; else None."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent("shell") if kernel else {}
    cell = parent.get("metadata", {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else None


def register(live: Live) -> None:
    """Remember which cell shows a bench, and close what an earlier run of that cell showed."""
    cell_and_run = running_cell()
    if cell_and_run is None:
        return
    cell, run = cell_and_run
    earlier_run, shown = _shown.get(cell, (run, []))
    if earlier_run != run:
        for old in shown:
            if old is not live:
                old.close()
        shown = []
    _shown[cell] = (run, [*shown, live])
