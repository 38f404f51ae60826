"""The mechanism of a bench without a browser: what is declared, what is stored, and the worker behind the picture."""

from __future__ import annotations

import base64
import threading
import time

import numpy as np
import pytest

from nnlib.workbook import live
from nnlib.workbook.bench import Axes, Bench, Button, Choice, Moment, Scene, Slider, State
from nnlib.workbook.scene import Line


class Wave(Bench):
    title = "A wave"
    finding = "It goes up and down."
    controls = (
        Slider("height", "height", 0.0, 2.0, step=0.5, value=1.0, unit="m"),
        Slider("count", "count", 1, 9, value=2),
        Slider("scale", "scale", 0.01, 100.0, value=1.0, log=True),
        Choice("colour", "colour", {"the blue one": "#0000FF", "the red one": "#FF0000"}),
        Button("flatten", "Flatten"),
        State("lifts", 0),
    )
    axes = (Axes(xlabel="x", ylabel="y", ylim=(-3, 3)),)
    moments = (Moment("low", height=0.5), Moment("high", height=2.0))
    guide = "Arrow keys lift."

    def compute(self, *, height, count, scale, colour, lifts):
        if count == 9:
            raise ArithmeticError("nine is too many")
        x = np.linspace(0, 1, 20)
        return Scene([Line(x, height * np.sin(count * x) + lifts, colour)])

    def describe(self, *, height, count, scale, colour, lifts):
        return f"height {height:g}, count {count}, lifts {lifts}"

    def press(self, button, **parameters):
        return {"height": 0.0, "lifts": 0}

    def on_key(self, key, *, lifts, **parameters):
        return {"lifts": lifts + (1 if key == "ArrowUp" else -1)}

    def on_pointer(self, pointer, **parameters):
        return {"lifts": round(pointer.y)} if pointer.event == "press" else {}


class Page:
    """Stands for the browser: keeps what the stage sends, and answers when told to."""

    def __init__(self, bench: Bench) -> None:
        self.live, self.messages = bench.live, []
        self.live.stage.send = lambda message, buffers=None: self.messages.append((message, buffers))

    def says(self, **message) -> None:
        self.live.stage._handle_custom_msg(message, [])

    def wait_for(self, number: int) -> dict:
        end = time.monotonic() + 5
        while len(self.messages) < number:
            assert time.monotonic() < end, f"{len(self.messages)} of {number} messages came"
            time.sleep(0.002)
        return self.messages[number - 1][0]

    def stays_silent(self) -> None:
        before = len(self.messages)
        time.sleep(0.1)
        assert len(self.messages) == before


@pytest.fixture
def wave():
    bench = Wave()
    yield bench
    bench.close()


@pytest.fixture
def page(wave):
    return Page(wave)


def test_settings_are_the_defaults_with_changes(wave):
    assert wave.settings() == {"height": 1.0, "count": 2, "scale": 1.0, "colour": "#0000FF", "lifts": 0}
    assert wave.settings(count=3)["count"] == 3
    with pytest.raises(ValueError, match="Wave: no parameter 'width'; there are height, count, scale, colour, lifts"):
        wave.settings(width=1)


def test_a_slider_must_begin_inside_its_range():
    with pytest.raises(ValueError, match=r"Slider\('x'\): value 3 is outside \[0, 2\]"):
        Slider("x", "x", 0, 2, value=3)


def test_controls_become_widgets_with_label_unit_and_range(wave):
    widgets = wave.live.widgets
    assert list(widgets) == ["height", "count", "scale", "colour", "flatten"]
    assert widgets["height"].description == "height [m]" and widgets["height"].step == 0.5
    assert type(widgets["count"]).__name__ == "IntSlider"
    assert (widgets["scale"].min, widgets["scale"].max, widgets["scale"].value) == pytest.approx((-2, 2, 1))
    assert widgets["colour"].label == "the blue one" and widgets["colour"].value == "#0000FF"


def test_one_output_is_live_picture_and_words(wave):
    data, metadata = wave._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == wave.live.box.model_id
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == "A wave\nheight 1, count 2, lifts 0"
    assert metadata["image/png"] == {"width": 640, "alt": "It goes up and down. height 1, count 2, lifts 0"}
    assert wave._repr_mimebundle_()[0] == data


def test_the_still_picture_shows_every_moment_and_the_finding(wave):
    figure = wave.still()
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["low", "high"]
    assert figure._suptitle.get_text() == "It goes up and down."
    heights = [panel.lines[0].get_ydata().max() for panel in figure.axes]
    assert heights[1] == pytest.approx(4 * heights[0])


def test_the_first_picture_travels_with_the_widget(wave):
    first = wave.live.stage.first
    layers, buffers = wave.compute(**wave.settings()).pack()
    assert (first["layers"], first["buffers"]) == (layers, buffers)
    assert first["text"] == "height 1, count 2, lifts 0"


def test_a_moved_slider_is_answered_with_its_picture(wave, page):
    wave.live.widgets["height"].value = 2.0
    message = page.wait_for(1)
    layers, buffers = wave.compute(**wave.settings(height=2.0)).pack()
    assert (message["layers"], page.messages[0][1]) == (layers, buffers)
    assert message["text"] == "height 2, count 2, lifts 0"


def test_one_picture_is_under_way_at_a_time_and_the_newest_values_win(wave, page):
    wave.live.widgets["count"].value = 3
    page.wait_for(1)
    for count in (4, 5, 6):
        wave.live.widgets["count"].value = count
    page.stays_silent()
    page.says(t="ack", id=1)
    assert page.wait_for(2)["text"] == "height 1, count 6, lifts 0"
    page.says(t="ack", id=2)
    page.stays_silent()


def test_a_reloaded_page_gets_the_present_picture(wave, page):
    page.says(t="ready")
    page.stays_silent()  # the first picture is in the widget already
    wave.live.widgets["count"].value = 3
    page.wait_for(1)
    page.says(t="ready")  # and never acknowledges number 1
    assert page.wait_for(2)["text"] == "height 1, count 3, lifts 0"


def test_keys_pointer_and_buttons_change_parameters(wave, page):
    for number, (message, lifts) in enumerate(
        [
            ({"t": "key", "key": "ArrowUp"}, 1),
            ({"t": "pointer", "event": "press", "axes": 0, "from": [0.1, 2.2], "to": [0.1, 2.2]}, 2),
            ({"t": "key", "key": "ArrowDown"}, 1),
        ],
        start=1,
    ):
        page.says(**message)
        assert page.wait_for(number)["text"] == f"height 1, count 2, lifts {lifts}"
        page.says(t="ack", id=number)
    wave.live.widgets["flatten"].click()
    assert page.wait_for(4)["text"] == "height 0, count 2, lifts 0"
    assert wave.live.widgets["height"].value == 0.0


def test_an_error_is_told_in_the_text_line_and_the_bench_goes_on(wave, page):
    wave.live.widgets["count"].value = 9
    assert page.wait_for(1) == {"t": "text", "text": "This picture stopped: ArithmeticError: nine is too many"}
    wave.live.widgets["count"].value = 8
    assert page.wait_for(2)["text"] == "height 1, count 8, lifts 0"


def test_closing_ends_the_worker(wave, page):
    wave.live.widgets["count"].value = 3
    page.wait_for(1)
    worker = wave.live.thread
    assert worker.is_alive() and worker.daemon
    wave.close()
    worker.join(timeout=5)
    assert not worker.is_alive()


def test_a_bench_that_nobody_touches_has_no_thread(wave):
    before = threading.active_count()
    wave._repr_mimebundle_()
    assert threading.active_count() == before


def test_running_a_cell_again_closes_what_it_showed_before(monkeypatch):
    run = ["cell", "first run"]
    monkeypatch.setattr(live, "running_cell", lambda: tuple(run))
    monkeypatch.setattr(live, "_shown", {})

    def show(bench):
        bench._repr_mimebundle_()
        return bench.live

    kept = Wave()
    first = [show(kept), show(Wave())]
    assert not any(one.closed for one in first)  # two benches of one cell live side by side
    run[:] = ["another cell", "second run"]
    beside = show(Wave())
    assert not any(one.closed for one in first)
    run[:] = ["cell", "third run"]
    again = show(Wave())
    assert all(one.closed for one in first) and not beside.closed and not again.closed
    assert not show(kept).closed  # a bench shown once more comes back to life
    run[:] = ["cell", "fourth run"]
    before = kept.live
    assert show(kept) is before and not before.closed and again.closed


def test_outside_a_notebook_no_cell_is_known():
    assert live.running_cell() is None


def test_a_kernel_without_a_page_stores_picture_and_words():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    source = "from nnlib.workbook.benches.ch01 import TanhNeuronBench\nTanhNeuronBench()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert {"image/png", "text/plain"} <= output.data.keys()
    assert output.data["text/plain"].startswith("One tanh neuron and its gradient\n")
