"""Progress and the learner's own library survive, are never lost, and are touched only by the learner."""
from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest

from nnlib.workbook import check, predict, progress, questions, quiz, restore_work, save_work, start, state
from nnlib.workbook.course import chapters
from nnlib.workbook.exercise import chapter_data


def numeric_grad(f, x, h=1e-5):
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def slope(f, x, e, h):
    return (f(x + e) - f(x - e)) / (2 * h)


def numeric_grad_with_a_helper(f, x, h=1e-5):
    return np.array([slope(f, x, e, h) for e in h * np.eye(len(x))])


def count_parameters(widths):
    return sum((a + 1) * b for a, b in zip(widths, widths[1:], strict=False))


def test_nothing_is_recorded_before_a_chapter_is_opened_or_in_a_worked_one(learner):
    check("0.3", numeric_grad)
    start("00", worked=True)
    check("0.3", numeric_grad)
    save_work()
    assert list(learner.iterdir()) == []


def test_a_right_answer_is_kept_with_its_source(learner):
    start("00")
    assert "Kept in your library: my_nnlib/numeric_grad.py" in check("0.3", numeric_grad).message
    spec = importlib.util.spec_from_file_location("my_nnlib", learner / "my_nnlib" / "__init__.py")
    mine = importlib.util.module_from_spec(spec)
    sys.modules["my_nnlib"] = mine
    try:
        spec.loader.exec_module(mine)
        np.testing.assert_allclose(mine.numeric_grad(lambda x: (x**2).sum(), np.array([1.0, 2.0])), [2, 4])
    finally:
        sys.modules.pop("my_nnlib")
        sys.modules.pop("my_nnlib.numeric_grad", None)


def test_an_older_version_stays_as_a_backup(learner):
    start("00")
    check("0.2", count_parameters)
    first = (learner / "my_nnlib" / "count_parameters.py").read_text()
    assert check("0.2", count_parameters).message.endswith("It is in your library: my_nnlib/count_parameters.py.")

    def count_parameters_again(widths):
        return sum((widths[i] + 1) * widths[i + 1] for i in range(len(widths) - 1))
    check("0.2", count_parameters_again)
    assert (learner / "my_nnlib" / "count_parameters.1.bak").read_text() == first
    assert "count_parameters = count_parameters_again" in (learner / "my_nnlib" / "count_parameters.py").read_text()


def test_an_answer_that_needs_the_rest_of_the_notebook_is_not_kept(learner):
    start("00")
    report = check("0.3", numeric_grad_with_a_helper)
    assert report.status == "right" and "not kept" in report.message and "'slope'" in report.message
    assert not (learner / "my_nnlib").exists()


def test_what_was_right_stays_so(learner, capsys):
    start("00")
    check("0.2", count_parameters)
    check("0.2", lambda widths: 0)
    check("0.2", ...)
    assert state.recorded("00", "exercises") == {"0.2": "right"}
    progress()
    assert "0.2 right" in capsys.readouterr().out


def test_progress_survives_a_new_python(learner):
    start("00")
    check("0.2", count_parameters)
    code = "from nnlib.workbook import start; start('00')"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env=os.environ | {"NNLIB_STATE": str(learner)}, check=True).stdout
    assert f"1 of {len(chapter_data('00').EXERCISES)} coded exercises done" in said


@pytest.mark.parametrize("damage", ["{ half", "[]", '{"00": 3}', "\x00\x01"])
def test_a_damaged_progress_file_is_set_aside_and_said(learner, capsys, damage):
    (learner / "progress.json").write_text(damage)
    start("00")
    said = capsys.readouterr().out
    assert "set aside as progress.damaged" in said
    assert [path.read_text() for path in learner.glob("progress.damaged.*.json")] == [damage]
    check("0.2", count_parameters)
    assert json.loads((learner / "progress.json").read_text()) == {"00": {"exercises": {"0.2": "right"}}}


def test_a_folder_that_cannot_be_written_is_said_and_nothing_stops(monkeypatch, capsys, learner):
    (learner / "file").write_text("in the way")
    monkeypatch.setenv("NNLIB_STATE", str(learner / "file" / "folder"))
    start("00")
    report = check("0.2", count_parameters)
    progress()
    assert report.status == "right" and "not kept in my_nnlib" in report.message
    assert "This is not recorded" in capsys.readouterr().out


def test_many_threads_record_at_once(learner):
    start("00")
    threads = [threading.Thread(target=state.record, args=("predictions", str(n), "x")) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.recorded("00", "predictions")) == 40
    assert not list(learner.glob("*.partial"))


def test_save_and_restore(learner, tmp_path_factory, monkeypatch):
    start("00")
    (learner / "00_orientation.ipynb").write_text("mine")
    check("0.2", count_parameters)
    save_work()
    names = zipfile.ZipFile(learner / "my_work.zip").namelist()
    assert set(names) == {"00_orientation.ipynb", "progress.json", "my_nnlib/count_parameters.py",
                          "my_nnlib/__init__.py"}
    other = tmp_path_factory.mktemp("other")
    monkeypatch.setenv("NNLIB_STATE", str(other))
    (other / "my_work.zip").write_bytes((learner / "my_work.zip").read_bytes())
    (other / "00_orientation.ipynb").write_text("blank")
    restore_work()
    assert (other / "00_orientation.ipynb").read_text() == "mine"
    assert [path.read_text() for path in (other / "set_aside").iterdir()] == ["blank"]
    assert state.recorded("00", "exercises") == {"0.2": "right"}


@pytest.mark.parametrize("name", ["../evil.ipynb", "/etc/evil.ipynb", "evil.sh", "my_nnlib\\..\\evil.py"])
def test_a_foreign_zip_is_refused(learner, name):
    with zipfile.ZipFile(learner / "my_work.zip", "w") as archive:
        archive.writestr("progress.json", "{}")
        archive.writestr(name, "evil")
    with pytest.raises(ValueError, match="save_work does not write"):
        restore_work()
    assert not (learner / "progress.json").exists()


def test_restore_without_a_file(learner):
    with pytest.raises(FileNotFoundError, match="upload it there first"):
        restore_work()


@pytest.mark.parametrize("chapter", chapters())
def test_quizzes(chapter, capsys):
    quizzes = chapter_data(chapter).QUIZZES
    assert len(quizzes) >= 2
    for name, items in quizzes.items():
        assert name.startswith(chapter) and len(items) == 3
        for question in items:
            assert 0 <= question.right < len(question.options) >= 3
            texts = [option.text for option in question.options] + [option.why for option in question.options]
            assert len(set(texts)) == len(texts)
        quiz(name)
        assert "Answer: " in capsys.readouterr().out


def radio(widget):
    """The radio buttons and the text below them."""
    return widget.children[1], widget.children[2]


def test_a_quiz_answers_with_reasons_and_is_recorded():
    start("00")
    question = chapter_data("00").QUIZZES["00-ready"][0]
    buttons, said = radio(questions.question_card("00-ready", 1, question))
    for index, option in enumerate(question.options):
        buttons.index = index
        assert option.why.split(":")[0][:20] in said.value
        assert ("✓" in said.value) == (index == question.right)
    assert state.recorded("00", "quiz") == {"00-ready.1": "right"}


def test_a_prediction_is_noted(monkeypatch, capsys):
    start("00")
    shown = []
    monkeypatch.setattr(questions, "publish", lambda widget, *texts: shown.append(widget))
    predict("0.6-best-h", "large", "small")
    buttons, said = radio(shown[0])
    assert buttons.value is None and said.value == ""
    buttons.index = 1
    assert "Noted: small." in said.value
    assert state.recorded("00", "predictions") == {"0.6-best-h": "small"}
