"""Pictures: labelled, titled, in words, and the same bytes every time."""
from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nnlib.workbook import palette, plots

WORDS = "A curve that rises from the left to the right of the picture."


def curve(**changes):
    options = dict(xlabel="x", ylabel="y", title="It rises", words=WORDS) | changes
    return plots.curves([0, 1, 2], {"a": [0, 1, 4], "b": [1, 2, 3]}, **options)


def pictures():
    X = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    yield curve()
    yield plots.loss_curves(SimpleNamespace(loss=[3.0, 2.0], val_loss=[3.0, 2.5]), title="It falls", words=WORDS)
    yield plots.error_versus_h([1e-2, 1e-3], {"central": [1e-4, 0.0]}, title="It falls", words=WORDS)
    yield plots.decision_regions(lambda Z: Z[:, 0] - 0.5, X, np.array([-1, 1, 1]), title="A line", words=WORDS)
    yield plots.contour_path(lambda a, b: a**2 + b**2, np.array([[2.0, 1.0], [0.0, 0.0]]), xlim=(-3, 3), ylim=(-2, 2),
                             title="Downhill", words=WORDS)
    yield plots.images(np.eye(2, 64), ["one", "two"], title="Two dots", words=WORDS)


def test_pictures_are_png_and_repeat_byte_for_byte():
    for one, other in zip(pictures(), pictures(), strict=True):
        assert one.png().startswith(b"\x89PNG") and one.png() == other.png()
        assert b"matplotlib" not in one.png().lower()
        assert len(one.png()) < 200_000


def test_a_picture_is_shown_with_its_words(capsys):
    curve()._ipython_display_()
    assert capsys.readouterr().out.count(WORDS) >= 2


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"xlabel": ""}, "every axis needs a label"), ({"ylabel": ""}, "every axis needs a label"),
    ({"title": ""}, "title that states its finding"), ({"words": "A curve."}, "finding in words"),
])
def test_a_picture_without_its_labels_or_words_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        curve(**changes)


def test_lines_differ_in_more_than_colour():
    axes = curve().figure.axes[0]
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    assert len({line.get_color() for line in axes.lines}) == 2


def test_error_versus_h_draws_zero_at_the_bottom():
    picture = plots.error_versus_h([1e-2, 1e-3], {"central": [1e-4, 0.0]}, title="It falls", words=WORDS)
    np.testing.assert_array_equal(picture.figure.axes[0].lines[0].get_ydata(), [1e-4, 1e-17])


def test_decision_regions_colour_each_side_like_its_class():
    picture = plots.decision_regions(lambda Z: np.sign(Z[:, 0]), np.array([[-1.0, 0.0], [1.0, 0.0]]),
                                     np.array([-1, 1]), title="A line", words=WORDS)
    image = np.asarray(picture.figure.axes[0].images[0].get_array())[60]
    towards = {name: np.abs(image[edge, :3] / 255 - palette.rgb(colour)).sum()
               for name, colour in (("orange", palette.ORANGE), ("blue", palette.BLUE)) for edge in (0,)}
    assert towards["blue"] < towards["orange"]
