"""A progress bar for long work: one line that rewrites itself, and no line at all for work of a moment."""

import sys
from time import perf_counter
from typing import TextIO


class ProgressBar:
    """Shows on stderr how far `total` steps of work have come; silent for the first second, or if not `enabled`.

    In a log file, where nothing can be rewritten, only the last line is written. `text` stands at the end of the line.
    """

    first, every = 1.0, 0.1  # seconds before the first line, and between two

    def __init__(self, total: int, *, enabled: bool = True, stream: TextIO | None = None) -> None:
        self.total, self.enabled = total, enabled
        self.stream = sys.stderr if stream is None else stream
        self.live = self.stream.isatty() or type(self.stream).__module__.startswith("ipykernel")
        self.start = perf_counter()
        self.next = self.start + self.first
        self.done, self.text, self.shown = 0, "", 0

    def advance(self) -> None:
        """One step more is done."""
        self.done += 1
        now = perf_counter()
        if self.enabled and now >= self.next and self.live:
            self._write("\r" + self._line(now))
            self.next = now + self.every

    def close(self) -> None:
        """Write the last line, if there was time for one."""
        now = perf_counter()
        if self.enabled and now - self.start >= self.first:
            self._write(("\r" if self.live else "") + self._line(now) + "\n")

    def _line(self, now: float) -> str:
        share = self.done / max(1, self.total)
        seconds = now - self.start
        left = seconds / share - seconds if share else 0.0
        line = f"{share:4.0%} [{'#' * round(20 * share):<20}] {seconds:.0f} s, {left:.0f} s left  {self.text}"
        padding = " " * (self.shown - len(line))  # cover what is left of a longer line
        self.shown = len(line)
        return line + padding

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
