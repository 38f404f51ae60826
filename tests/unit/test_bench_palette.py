"""The palette: visible on white, distinct for every reader, and the maps from values to colours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnlib.workbook import palette

# Linear RGB as a reader sees it who lacks one kind of cone (Machado, Oliveira and Fernandes, 2009, severity 1).
VISION = {
    "all cones": np.eye(3),
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    c = palette.rgb(colour)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b*, where a distance of about 2 is barely seen."""
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089], 1e-3))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colour", [*palette.COLOURS, palette.GREY])
def test_colours_stand_out_from_white(colour):
    luminance = TO_XYZ[1] @ linear(colour)
    assert 1.05 / (luminance + 0.05) >= 3


@pytest.mark.parametrize("reader", VISION)
def test_colours_stay_apart_for_every_reader(reader):
    seen = [lab(np.array(VISION[reader]) @ linear(colour)) for colour in palette.COLOURS]
    distances = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(distances) > 12
    positive, negative = (lab(np.array(VISION[reader]) @ linear(c)) for c in (palette.POSITIVE, palette.NEGATIVE))
    assert np.linalg.norm(positive - negative) > 60


def test_there_is_a_line_style_and_a_marker_for_each_colour():
    assert len(palette.COLOURS) == len(set(palette.LINE_STYLES)) == len(set(palette.MARKERS))


def test_diverging_is_white_in_the_middle_and_keeps_the_shape():
    picture = palette.diverging(np.array([[-2.0, 0.0], [1.0, 2.0]]), limit=2)
    assert picture.shape == (2, 2, 4) and picture.dtype == np.uint8
    assert picture[0, 1].tolist() == [255, 255, 255, 255]
    assert np.array_equal(palette.diverging(np.array([-9.0]), limit=2)[0], picture[0, 0])
    assert picture[1, 0].tolist() == pytest.approx([(255 + c) / 2 for c in picture[1, 1].tolist()], abs=1)


def test_bands_of_sequential_are_flat_and_reach_both_ends():
    shades = palette.sequential(np.linspace(0, 1, 100), bands=4)[:, 0]
    assert len(set(shades.tolist())) == 4
    assert shades[0] == 255 and shades[-1] == 0x22
