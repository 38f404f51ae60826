"""Questions inside a notebook: a quiz tells right from wrong and why; a prediction only takes note of a guess."""
from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from . import state
from .exercise import Question, chapter_data

WIDGET = "application/vnd.jupyter.widget-view+json"


def quiz(name: str) -> None:
    """Ask the questions of a quiz, for instance "01-recall": each answer is told right or wrong, and why."""
    questions = chapter_data(name[:2]).QUIZZES[name]
    cards = [question_card(name, number, question) for number, question in enumerate(questions, 1)]
    publish(widgets.VBox(cards), "\n".join(in_words(number, q) for number, q in enumerate(questions, 1)),
            "".join(folded(number, q) for number, q in enumerate(questions, 1)))


def predict(name: str, *options: str) -> None:
    """Commit to one of the options before the experiment is run; the choice is kept with your progress."""
    def note(index: int) -> str:
        state.record("predictions", name, options[index])
        return f"Noted: {options[index]}. Now run on and see."

    words = "Your prediction: " + " / ".join(options)
    publish(choices("Your prediction:", options, note), words, f"<p><em>{html.escape(words)}</em></p>")


def question_card(name: str, number: int, question: Question) -> widgets.VBox:
    """One question with its options; the answer appears below."""
    def judge(index: int) -> str:
        right = index == question.right
        state.record("quiz", f"{name}.{number}", "right" if right else "not yet")
        return f"{'✓ Right.' if right else '✗ Not this one.'} {question.options[index].why}"

    return choices(f"{number}. {question.text}", [option.text for option in question.options], judge)


def choices(text: str, options: Sequence[str], answer: Callable[[int], str]) -> widgets.VBox:
    """Radio buttons under a text; `answer` gives what is said to the one chosen."""
    buttons = widgets.RadioButtons(options=list(options), value=None, layout={"width": "max-content"})
    said = widgets.HTML(value="")

    def chosen(change: dict[str, Any]) -> None:
        if change["new"] is not None:
            said.value = f'<div role="status">{html.escape(answer(buttons.index))}</div>'

    buttons.observe(chosen, names="value")
    return widgets.VBox([widgets.HTML(html.escape(text)), buttons, said])


def publish(widget: widgets.Widget, text: str, rich: str) -> None:
    """One output, three forms: live, on a page, in words."""
    display({WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id},
             "text/html": rich, "text/plain": text}, raw=True)


def in_words(number: int, question: Question) -> str:
    options = " / ".join(option.text for option in question.options)
    right = question.options[question.right]
    return f"{number}. {question.text} {options}\n   Answer: {right.text}. {right.why}"


def folded(number: int, question: Question) -> str:
    """The question with its answer folded away, for pages without a kernel."""
    options = "".join(f"<li>{html.escape(option.text)}</li>" for option in question.options)
    right = question.options[question.right]
    return (f"<p>{number}. {html.escape(question.text)}</p><ul>{options}</ul><details><summary>Answer</summary>"
            f"{html.escape(right.text)}. {html.escape(right.why)}</details>")
