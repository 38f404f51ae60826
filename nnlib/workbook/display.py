"""What the workbook's functions show: one object, several forms (rich, and words for nbval and screen readers)."""
from __future__ import annotations

import html

from IPython.core.getipython import get_ipython
from IPython.display import display

COLOURS = {"right": "#1b7837", "not yet": "#b35806", "not attempted": "#5b6770", "holds": "#1b7837",
           "fails": "#2b5c9e", "note": "#5b6770"}
MARKS = {"right": "✓", "not yet": "✗", "not attempted": "○", "holds": "✓", "fails": "✗", "note": "·"}


def publish(text: str, rich: str | None = None) -> None:
    """Show `rich` (HTML) where a front end can, `text` elsewhere, also in plain Python."""
    if get_ipython() is None:
        print(text)
        return
    bundle = {"text/plain": text}
    if rich is not None:
        bundle["text/html"] = rich
    display(bundle, raw=True)


def box(kind: str, headline: str, body: str = "") -> str:
    """HTML of a message: a word and a mark besides the colour."""
    return (f'<div role="status" style="border-left:4px solid {COLOURS[kind]};padding:4px 12px;margin:4px 0">'
            f'<strong>{MARKS[kind]} {html.escape(headline)}</strong>{"<br>" + body if body else ""}</div>')


def paragraphs(text: str) -> str:
    """Plain text as HTML; lines that start with four spaces stay code."""
    shown = []
    for line in text.splitlines():
        escaped = html.escape(line.strip())
        shown.append(f"<code>{escaped}</code>" if line.startswith("    ") else escaped)
    return "<br>".join(shown)
