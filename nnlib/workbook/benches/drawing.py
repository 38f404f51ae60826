"""A sheet of 8 x 8 pixels to draw on, by pointer and by keyboard, that can be moved under its window.

Pixels are named (column, row), row 0 at the top. In the axes of a picture the middle of a pixel is at
(column, 7 - row). The sheet is larger than the window by `REACH` pixels on each side, so that moving loses nothing.
"""

from __future__ import annotations

import numpy as np

from nnlib.workbook.controls import Pointer
from nnlib.workbook.palette import LIGHT, ORANGE
from nnlib.workbook.scene import Axes, Line

SIDE = 8  # pixels along a side of the window
REACH = 3  # pixels the sheet can be moved each way
SHEET = SIDE + 2 * REACH
EDGE = (-0.5, SIDE - 0.5)
UNTOUCHED = np.full((SHEET, SHEET), np.nan)  # ink where nobody drew
ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}

Pixel = tuple[int, int]


def picture_axes(title: str) -> Axes:
    """Axes for the window: no ticks, square pixels."""
    return Axes(xlim=EDGE, ylim=EDGE, equal=True, grid="", xticks=(), yticks=(), title=title)


def on_sheet(picture: np.ndarray) -> np.ndarray:
    """An 8 x 8 picture in the middle of an empty sheet."""
    return np.pad(picture.reshape(SIDE, SIDE), REACH)


def window(sheet: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """What the window shows of a sheet that was moved dx pixels right and dy up, (8, 8)."""
    top, left = REACH + dy, REACH - dx
    return sheet[top : top + SIDE, left : left + SIDE]


def inked(ink: np.ndarray, pixels: np.ndarray, pen: float, dx: int, dy: int) -> np.ndarray:
    """A copy of the sheet's ink with these pixels of the window, (n, 2) columns and rows, set to `pen`."""
    columns, rows = np.clip(pixels, 0, SIDE - 1).T
    ink = ink.copy()
    ink[rows + REACH + dy, columns + REACH - dx] = pen
    return ink


def pixels_of(pointer: Pointer) -> np.ndarray:
    """The pixels (n, 2) that a press or drag touches, from the first to the last."""
    along = np.linspace(0, 1, 2 * SIDE)[:, None]
    start, end = np.array([pointer.x0, SIDE - 1 - pointer.y0]), np.array([pointer.x, SIDE - 1 - pointer.y])
    return np.rint(start + along * (end - start)).astype(int)


def moved(cursor: Pixel | None, key: str) -> Pixel:
    """Where an arrow key takes the cursor; the first key only shows it."""
    if cursor is None:
        return SIDE // 2, SIDE // 2
    right, down = ARROWS.get(key, (0, 0))
    column, row = np.clip(np.add(cursor, (right, down)), 0, SIDE - 1)
    return int(column), int(row)


def frame(cursor: Pixel) -> Line:
    """The square around the cursor's pixel."""
    column, y = cursor[0], SIDE - 1 - cursor[1]
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
    return Line(column + corners[:, 0], y + corners[:, 1], ORANGE, width=4)


def pixel_grid() -> list[Line]:
    """Thin lines between the pixels."""
    along, across = np.tile([*EDGE, np.nan], SIDE + 1), np.repeat(np.arange(SIDE + 1) - 0.5, 3)
    return [Line(along, across, LIGHT, width=1), Line(across, along, LIGHT, width=1)]
