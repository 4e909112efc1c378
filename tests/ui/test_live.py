"""Watching a training: what is said of each state, what is drawn, what the buttons do, what is found after a reload."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from jobs import engine
from jobs.job import Job
from lstm.history import Progress
from ui import live


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
        (made("running", 10), "Step 10 · 1.0 passes over the data · 1,234 windows/s · 1:05 left"),
        (made("paused", 10), "Paused at step 10 · 1.0 passes over the data"),
        (made("running", 10, wanted="stop"), "Stopping at step 10 · 1.0 passes over the data"),
        (made("finished", 10), "Finished at step 10 · 1.0 passes over the data · 0:05 of training"),
        (made("failed", 10), "Failed at step 10 · 1.0 passes over the data · 0:05 of training"),
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
    assert live.newest_job("s", "T") is None, "not even after the page was loaded anew"


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
