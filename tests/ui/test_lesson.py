"""What lessons share: questions, links, files."""

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from ui import frame
from ui.lesson import csv_text


def ask():
    from ui import lesson

    lesson.predict_then_reveal("q", "Which?", ["a", "b"], answer=lambda: 1, explanation=lambda right: f"said {right}")


def test_a_question_says_nothing_before_it_is_answered():
    page = AppTest.from_function(ask, default_timeout=60).run()
    assert not page.success and not page.warning
    page.radio[0].set_value("a").run()
    assert page.warning[0].value == "**Not quite.** said False"
    page.radio[0].set_value("b").run()
    assert page.success[0].value == "**Right.** said True"


def ask_about():
    import streamlit as st

    from ui import lesson

    if not st.session_state.get("elsewhere"):
        about = st.session_state.setdefault("about", "first")
        options = ["a", "b"] if about != "third" else ["c", "d"]
        lesson.predict_then_reveal("q", "Which?", options, lambda: int(about == "first"), f"of {about}", about=about)


def test_an_answer_belongs_to_what_it_was_about():
    page = AppTest.from_function(ask_about, default_timeout=60).run()
    page.radio[0].set_value("b").run()
    assert page.success[0].value == "**Right.** of first"
    page.session_state.about = "second"
    page.run()
    assert page.radio[0].value is None and not page.success and not page.warning, "asked anew"
    page.radio[0].set_value("b").run()
    assert page.warning[0].value == "**Not quite.** of second"
    page.session_state.about = "third"
    page.run()
    assert page.radio[0].value is None and not page.warning
    page.session_state.about = "first"
    page.run()
    assert page.radio[0].value == "b" and page.success[0].value == "**Right.** of first", "the answer is back"


def test_an_answer_survives_a_visit_to_another_page():
    page = AppTest.from_function(ask_about, default_timeout=60).run()
    page.radio[0].set_value("a").run()
    page.session_state.elsewhere = True
    page.run()
    assert not page.radio
    page.session_state.elsewhere = False
    page.run()
    assert page.radio[0].value == "a" and page.warning[0].value == "**Not quite.** of first"


def test_a_click_on_a_question_that_has_just_changed_is_kept_for_what_it_was_about():
    page = AppTest.from_function(ask_about, default_timeout=60).run()
    page.session_state.about = "second"
    page.radio[0].set_value("b").run()  # the click was made on the first question
    assert page.radio[0].value is None and not page.success and not page.warning
    page.session_state.about = "first"
    page.run()
    assert page.success[0].value == "**Right.** of first"


def test_csv_keeps_every_digit():
    rows = list(csv.reader(io.StringIO(csv_text({"t": [1, 2], "c, state": [0.1 + 0.2, -1e-17]}))))
    assert rows[0] == ["t", "c, state"]
    assert [float(row[1]) for row in rows[1:]] == [0.1 + 0.2, -1e-17]


def test_no_spreadsheet_runs_what_a_stranger_wrote():
    words = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a=b", "-1e-17", "+2", ""]
    rows = list(csv.reader(io.StringIO(csv_text({"=heading": words, "n": [-1] * len(words)}))))
    assert rows[0] == ["'=heading", "n"]
    assert [row[0] for row in rows[1:]] == [
        "'=HYPERLINK(1)", "'+1+1", "'-2+3", "'@SUM(A1)", "'\t=1", "a=b", "-1e-17", "+2", ""
    ]  # fmt: skip
    assert {row[1] for row in rows[1:]} == {"-1"}


def test_a_page_outside_the_registry_needs_an_aim():
    with pytest.raises(
        ValueError, match="aim must be given for a page that is not in LESSONS, got only the title 'Elsewhere'"
    ):
        frame.page("Elsewhere")


def test_the_registry_is_in_order():
    assert {lesson.group for lesson in frame.LESSONS} == set(frame.GROUPS)
    assert (
        len({lesson.file for lesson in frame.LESSONS})
        == len({lesson.title for lesson in frame.LESSONS})
        == len(frame.LESSONS)
    )
    for lesson in frame.LESSONS:
        assert lesson.aim.endswith(".") and lesson.aim.count(". ") == 0 and 0 < lesson.minutes <= 45
        assert lesson.exists == (frame.ROOT / lesson.file).is_file()


def ask_in_markdown():
    from ui.lesson import predict

    predict("marked", "After *I am th*, with :blue[i] at `0.2`?", ["one", "two"])


def test_what_a_question_is_called_carries_no_markdown():
    page = AppTest.from_function(ask_in_markdown, default_timeout=60).run()
    assert page.radio[0].label == "After I am th, with i at 0.2?"
    assert page.markdown[0].value == "After *I am th*, with :blue[i] at `0.2`?"


def test_a_preset_stands_beside_its_project_with_what_is_known_of_it():
    def page():
        from lstm.lessons.presets import Preset, compared
        from ui import lesson

        alone = Preset(None, "Without a project.")
        told = Preset(None, "A summary.", {"test loss": "0.3"}, "It never tested.", "Ours is lower.", {"test loss": "0.2"}, "In May.")
        for name, preset in (("Alone", alone), ("Told", told)):
            lesson.beside_its_project(name, preset, compared(preset, {"test loss": "0.1"}))

    page = AppTest.from_function(page, default_timeout=60).run()
    assert not page.exception
    assert [one.value for one in page.markdown] == [
        "**Alone.** Without a project.", "**Told.** A summary.", "*What was wrong there:* It never tested.",
    ]  # fmt: skip
    assert [one.value for one in page.caption] == ["Ours is lower. In May."]
    assert page.dataframe[0].value.iloc[0].tolist() == ["test loss", "0.3", "0.2", "0.1"] and len(page.dataframe) == 1


def guess_then_ask():
    import streamlit as st

    from ui import lesson

    if not st.session_state.get("measured"):
        lesson.predict("q", "Which?", ["a", "b"], "it")
    else:
        lesson.predict_then_reveal("q", "Which?", ["a", "b"], lambda: 1, "since", about="it")


def test_a_guess_made_in_a_room_before_there_was_an_answer_counts(monkeypatch):
    from rooms.room import Room
    from ui.room import here

    room = Room("amber-fox", "secret")
    monkeypatch.setattr(here, "room", lambda: room)
    monkeypatch.setattr(here, "student", lambda: "a" * 32)
    monkeypatch.setattr(here, "title", lambda: "Here")
    page = AppTest.from_function(guess_then_ask, default_timeout=60).run()
    page.radio[0].set_value("a").run()
    assert room.question("q") is None
    page.session_state.measured = True
    page.run()
    assert not page.exception and page.radio[0].value == "a" and not page.warning
    assert room.question("q").counted[0].rounds == ((1, 0),)
    room.reveal("q")
    assert page.run().warning[0].value == "**Not quite.** since"
