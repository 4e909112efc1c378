"""Watching a training: what is said of each state, what is drawn, what the buttons do, what is found after a reload."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from jobs import engine
from jobs.job import Job
from lstm.history import Progress
from ui import frame, live


def made(state="running", step=0, place=None, **attributes):
    job = Job(
        SimpleNamespace(), session="s", title="T", time_limit=60, recycle=False,
        order=lambda job, wanted: job.__dict__.update(wanted=wanted), place=lambda _: place,
    )  # fmt: skip
    job.phase = "running" if state == "paused" else state
    job.wanted = "pause" if state == "paused" else "run"
    if step:
        job.progress = Progress(step, step / 10, step / 2, 0.25, 65.0, {"loss": 2.0}, 1234.5)
        job.history.add("loss", [(k, 3 - k / step) for k in range(1, step + 1)])
    job.__dict__.update(attributes)
    return job


@pytest.mark.parametrize(
    ("job", "line"),
    [
        (made("queued", place=2), "Number 2 in the queue; it begins when a place is free"),
        (made("queued", place=2, _wait=lambda job: 2.0), "Number 2 in the queue; it begins in a moment"),
        (made("queued", place=9, _wait=lambda job: 38.0), "Number 9 in the queue; it begins in about 40 seconds"),
        (
            made("queued", 10, place=1, _wait=lambda job: 61.0),
            "Step 10 · others have their turn; it goes on in about 1 minute, number 1 in the queue",
        ),
        (
            made("queued", 10, place=3, _wait=lambda job: 130.0),
            "Step 10 · others have their turn; it goes on in about 2 minutes, number 3 in the queue",
        ),
        (made("starting"), "Starting a training process …"),
        (made("running"), "Starting a training process …"),
        (made("running", 10), "Step 10 · 1.0 epochs · 1,234 windows/s · 1:05 left"),
        (made("paused", 10), "Paused at step 10 · 1.0 epochs"),
        (made("running", 10, wanted="stop"), "Stopping at step 10 · 1.0 epochs"),
        (made("finished", 10), "Finished at step 10 · 1.0 epochs · 0:05 of training"),
        (made("failed", 10), "Failed at step 10 · 1.0 epochs · 0:05 of training"),
        (made("stopped"), "Stopped before the first step"),
    ],
)
def test_one_line_says_where_a_training_stands(job, line):
    assert live.status(job, "windows") == line


def page():
    import streamlit as st

    from ui import live

    job = st.session_state.job
    live.transport(job)
    view = live.View(
        unit="squared error",
        curves=(live.Curve("loss", "training error", "train"),),
        rules={"as yesterday": 2.5},
        figures=lambda job: {"Training error": "2.000"},
        notes=lambda job: st.write(f"noted {job.notes('sample')[-1][1]}"),
    )
    live.panel(job, view)


def show(job):
    at = AppTest.from_function(page, default_timeout=60)
    at.session_state.job = job
    at.run()
    assert not at.exception
    return at


def test_a_training_is_drawn_with_the_lessons_own_names():
    job = made("running", 10)
    job.history.add_note("sample", 10, "abc")
    at = show(job)
    words = [text.value for text in at.markdown]
    assert "Training error **2.000**" in words
    assert "noted abc" in words
    chart = at.get("vega_lite_chart")[0].proto
    assert "squared error" in chart.spec
    assert "training error" in chart.spec
    assert {data.name for data in chart.datasets} == {"rows", "rules"}


def test_what_went_wrong_is_said_in_plain_words():
    job = made(
        "failed", 10, error="the loss of <b>this</b> *diverged*", recovered="The worker was lost.", notice="Time is up.",
        result=SimpleNamespace(model=object()),
    )  # fmt: skip
    job.history.add_note("sample", 10, "abc")
    at = show(job)
    assert [text.value for text in at.error] == [
        r"The loss of \<b\>this\<\/b\> \*diverged\*\. The weights it had before are kept."
    ]
    assert [text.value for text in at.warning] == [r"The worker was lost\."]
    assert [text.value for text in at.info] == [r"Time is up\."]
    assert [button.label for button in at.button if not button.disabled] == ["Reset"]


def test_the_buttons_do_what_they_say(monkeypatch):
    job = made("running", 10)
    job.history.add_note("sample", 10, "abc")
    at = show(job)
    at.button(key="live_pause").click().run()
    assert job.state == "paused"
    at.button(key="live_resume").click().run()
    assert job.state == "running"
    at.button(key="live_reset").click().run()
    assert job.wanted == "stop"
    monkeypatch.setattr(engine, "jobs", lambda session: [job])
    assert live.newest_job("s", "T") is None, "not even after the page was reloaded"


def finder():
    import streamlit as st

    from ui import live

    job = live.newest_job("s", "T")
    st.text(f"{job.id} {live.came_back(job)} {live.first_sight(job)}")


def test_a_new_tab_finds_the_newest_training_and_says_so_once(monkeypatch):
    jobs = [made("finished"), made("running"), made("running", title="another lesson")]
    monkeypatch.setattr(engine, "jobs", lambda session: jobs)
    at = AppTest.from_function(finder, default_timeout=60).run()
    assert at.text[0].value == f"{jobs[1].id} True True"
    assert at.run().text[0].value == f"{jobs[1].id} True False"
    live.dismiss(jobs[1])
    assert at.run().text[0].value == f"{jobs[0].id} True True"


def test_a_started_training_is_this_tabs_own(monkeypatch):
    job = made()
    monkeypatch.setattr(engine, "submit", lambda config, **how: job)
    monkeypatch.setattr(engine, "jobs", lambda session: [job])

    def start():
        from types import SimpleNamespace

        import streamlit as st

        from ui import live

        job = live.start(SimpleNamespace(), session="s", title="T", time_limit=1)
        st.text(str(live.came_back(job)))

    assert AppTest.from_function(start, default_timeout=60).run().text[0].value == "False"


def what_is_true():
    import streamlit as st

    from ui import live

    job = st.session_state.job
    live.first_sight(job)
    st.text(live.true_now(job, st.session_state.get("config")))


def test_only_what_is_true_now_is_said_of_a_training_that_was_found_again():
    at = AppTest.from_function(what_is_true, default_timeout=60)

    def now(job):
        at.session_state.job = job
        return at.run().text[0].value

    assert now(made("queued", place=2)) == "This page was reloaded; your training still waits for its turn."
    assert now(made("finished", 10)) == "This page was reloaded; your training is still here."
    assert now(made("stopped", 10)) == "This page was reloaded; your training is still here."
    job = made("running", 10)
    assert now(job) == "This page was reloaded; your training went on meanwhile."
    job.wanted = "pause"
    assert now(job) == "This page was reloaded; your training is paused."
    job = made("paused", 10)
    assert now(job) == "This page was reloaded; your training is paused."
    job.wanted = "run"
    assert now(job) == "This page was reloaded; your training is still here.", "it did not go on by itself"


def test_settings_that_are_not_those_of_an_ended_training_are_described_as_such():
    at = AppTest.from_function(what_is_true, default_timeout=60)
    at.session_state.job = made("finished", 10)
    at.session_state.config = "another"
    assert "The settings were changed since" in at.run().text[0].value
    at.session_state.config = at.session_state.job.config
    assert "The settings were changed since" not in at.run().text[0].value


def lesson():
    import streamlit as st

    from ui import live
    from ui.controls import Controls

    controls = Controls("digits", {"units": 8, "rate": 0.1})
    controls.take_over = lambda config: st.session_state.update(taken=config)
    begun = live.begin("Digits", controls, warm_up=False)
    st.text(f"{begun.session} {begun.job.id if begun.job else None}")
    controls.whole("units", "Units")
    controls.number("rate", "Rate")


def open_lesson(monkeypatch, jobs, **address):
    """A lesson of this file's own; its frame has no pages to lead to."""
    monkeypatch.setattr(engine, "jobs", lambda session: jobs)
    monkeypatch.setattr(engine, "touch", lambda session: None)
    for leads_elsewhere in ("_navigation", "_draw_running_here"):
        monkeypatch.setattr(frame, leads_elsewhere, lambda *_: None)
    at = AppTest.from_function(lesson, default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    return at.run()


def test_a_lesson_begins_with_the_training_it_finds_and_takes_its_settings_over_once(monkeypatch):
    job = made("running", 10, title="Digits")
    at = open_lesson(monkeypatch, [job])
    assert not at.exception and at.title[0].value == "Digits"
    assert at.text[-1].value.endswith(job.id)
    assert at.session_state.taken is job.config
    at.session_state.taken = None
    assert at.run().session_state.taken is None


def test_a_link_says_what_it_changed_and_leads_to_the_top(monkeypatch):
    at = open_lesson(monkeypatch, [], **{"set": "digits", "digits_units": "16", "try": "1"})
    assert [toast.value for toast in at.toast] == ["**Changed:** Units 16; press **Train** at the top."]
    assert at.session_state.digits_units == 16 and at.session_state._tries_followed == 1
    assert "try" not in at.query_params and "set" not in at.query_params
    at.run()
    assert not at.toast and at.session_state._tries_followed == 1
    at.session_state.digits_rate = 0.5
    at.query_params["set"] = "digits"
    at.run()
    assert [toast.value for toast in at.toast] == ["**Changed:** Rate 0\\.1; press **Train** at the top."]
    assert at.session_state.digits_rate == 0.1, "what a link does not name is as at first"


def test_what_a_link_says_is_text():
    assert live.changes({"Data": "*x* <b>"}, "look") == r"**Changed:** Data \*x\* \<b\>; look."
