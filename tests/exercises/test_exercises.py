"""Each exercise accepts what is right, however it is written, and names each known mistake with its own words."""
from __future__ import annotations

import numpy as np

from nnlib.workbook import check, hint
from nnlib.workbook.trial import run_cases


def merged(exercise, wrong):
    """The right values with the wrong ones in their place."""
    return exercise.reference | wrong if exercise.of_values else wrong


def test_the_reference_is_right(exercise):
    report = check(exercise.id, exercise.reference)
    assert (report.status, report.id) == ("right", exercise.id)


def test_two_answers_written_differently_are_right(of_function):
    assert len(of_function.also_right) >= 2
    for answer in of_function.also_right:
        report = check(of_function.id, answer)
        assert report.status == "right", report.message


def test_a_misconception_is_refused_with_its_own_words(misconception):
    exercise, wrong = misconception
    report = check(exercise.id, merged(exercise, wrong.answer))
    assert report.status == "not yet"
    said = report.message.splitlines()
    expected = [f"{name}: {wrong.why}" for name in wrong.answer] if exercise.of_values else [wrong.why]
    assert any(line in said for line in expected), f"said {said}, expected {expected}"


def test_at_least_three_misconceptions_in_words_of_their_own(exercise):
    words = [wrong.why for wrong in exercise.misconceptions]
    assert len(words) >= 3
    assert all(len(text.split()) >= 6 for text in words)
    of_different_answers = len({str(wrong.answer) for wrong in exercise.misconceptions})
    assert of_different_answers == len(words)


def test_two_misconceptions_never_look_alike(of_function):
    """Else the first one's words would be said to those who made the second mistake."""
    runs = [run_cases(of_function.use, wrong.answer, of_function.cases) for wrong in of_function.misconceptions]
    assert all(run is not None for run in runs)
    for one, outcomes in enumerate(runs):
        for other in runs[:one]:
            assert not all(a.same_as(b, of_function.rtol, of_function.atol) and a.changed == b.changed
                           for a, b in zip(outcomes, other, strict=True))


def test_a_blank_answer_is_not_attempted(exercise):
    def blank(*_):
        raise NotImplementedError("your turn")

    untouched = dict.fromkeys(exercise.reference, ...) if exercise.of_values else blank
    for answer in (untouched, ..., None):
        assert check(exercise.id, answer).status == "not attempted"


def test_an_exception_is_shown_with_the_learners_line(of_function):
    def broken(*arguments):
        table = {}
        return table["missing"]

    message = check(of_function.id, broken).message
    assert 'return table["missing"]' in message and "KeyError: 'missing'" in message


def test_no_return_is_named(of_function):
    report = check(of_function.id, lambda *arguments: None)
    assert report.status == "not yet" and "return" in report.message


def test_nan_and_wrong_shapes_and_kinds_are_refused(of_function):
    for value in (np.nan, np.full((7, 7, 7), 1.0), "text", [], object()):
        assert check(of_function.id, lambda *arguments, value=value: value).status == "not yet"


def test_a_number_in_place_of_a_function(of_function):
    assert "Expected a function" in check(of_function.id, 3.0).message


def test_partly_done_values(of_values):
    first, *others = of_values.reference
    answer = dict.fromkeys(of_values.reference, ...) | {first: of_values.reference[first]}
    report = check(of_values.id, answer)
    assert report.status == "not yet"
    assert report.message == f"All right so far. Still open: {', '.join(others)}."


def test_an_unknown_value_is_refused_without_giving_the_answer_away(of_values):
    for name in of_values.reference:
        report = check(of_values.id, of_values.reference | {name: "something else"})
        assert report.status == "not yet" and report.message.startswith(f"{name}: ")


def test_wrong_entries_are_named(of_values):
    assert "Expected a dict" in check(of_values.id, {"strange": 1}).message


def test_hints_are_three_and_always_the_same(exercise, capsys):
    hint(exercise.id)
    first = capsys.readouterr().out
    hint(exercise.id)
    assert capsys.readouterr().out == first
    assert len(exercise.hints) == 3 == len(set(exercise.hints))
    assert all(len(text.split()) >= 6 for text in exercise.hints[:2])
