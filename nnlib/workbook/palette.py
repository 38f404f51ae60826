"""One palette for every picture of the course, so that a colour means the same thing in each chapter.

All colours stand out from white (contrast at least 3 : 1) and stay apart for readers with any of the three
kinds of colour blindness. Colour never speaks alone: `LINE_STYLES` and `MARKERS` go with it, in the same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from cycler import cycler

ORANGE = "#E66100"  # the positive class
BLUE = "#0072B2"  # the negative class
GREEN = "#009E73"
WINE = "#882255"
BLACK = "#222222"
VIOLET = "#9030F0"
GREY = "#6E6E6E"  # what accompanies: guides, cursors, what was before
LIGHT = "#DDDDDD"  # grid lines only, too pale to carry meaning

COLOURS = (BLUE, ORANGE, GREEN, WINE, BLACK, VIOLET)
LINE_STYLES = ("solid", "dashed", "dashdot", "dotted", (0, (7, 2, 1, 2, 1, 2)), (0, (3, 1)))
MARKERS = ("o", "s", "^", "D", "x", "+")

POSITIVE, NEGATIVE = ORANGE, BLUE

STYLE: dict[str, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "savefig.dpi": 100,
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINE_STYLES),
    "grid.color": LIGHT,
    "grid.linewidth": 0.8,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": BLACK,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 2.8,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "mathtext.fontset": "dejavusans",
}


def rgb(colour: str) -> np.ndarray:
    """Red, green and blue of a colour "#RRGGBB", each in [0, 1].

    >>> rgb("#FF0000").tolist()
    [1.0, 0.0, 0.0]
    """
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def shade(values: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Values in [0, 1], any shape, as opaque uint8 RGBA: `stops` (k, 3) are spread evenly and blended between.

    Values outside are shown as the nearest end.

    >>> shade(np.array([0.0, 0.5]), np.array([[0, 0, 0], [1, 1, 1]])).tolist()
    [[0, 0, 0, 255], [128, 128, 128, 255]]
    """
    places = np.linspace(0, 1, len(stops))
    channels = [np.interp(values, places, channel) for channel in stops.T]
    return np.rint(255 * np.stack([*channels, np.ones_like(channels[0])], axis=-1)).astype(np.uint8)


def diverging(values: np.ndarray, limit: float = 1.0) -> np.ndarray:
    """Values from -limit (blue) over 0 (white) to limit (orange) as uint8 RGBA of shape `values.shape + (4,)`.

    >>> diverging(np.array([-1.0, 0.0, 1.0])).tolist()
    [[0, 114, 178, 255], [255, 255, 255, 255], [230, 97, 0, 255]]
    """
    stops = np.array([rgb(NEGATIVE), [1, 1, 1], rgb(POSITIVE)])
    return shade((np.asarray(values) / limit + 1) / 2, stops)


def sequential(values: np.ndarray, low: float = 0.0, high: float = 1.0, bands: int | None = None) -> np.ndarray:
    """Values from low (white) to high (dark grey) as uint8 RGBA; `bands` cuts them into that many flat steps.

    >>> sequential(np.array([0.0, 1.0])).tolist()
    [[255, 255, 255, 255], [34, 34, 34, 255]]
    """
    fraction = np.clip((np.asarray(values) - low) / (high - low), 0, 1)
    if bands is not None:
        fraction = np.minimum(np.floor(fraction * bands), bands - 1) / (bands - 1)
    return shade(fraction, np.array([[1, 1, 1], rgb(BLACK)]))
