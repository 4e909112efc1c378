"""Forecasting: an LSTM forecasts a series, and is held against what needs no network."""

import streamlit as st

from jobs import engine
from lstm.lessons.forecast import forecaster
from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.preprocessing import series
from ui import frame, lesson, live
from ui.files import csv_file, history_file, network_file
from ui.forecast import controls as forecast_controls
from ui.forecast import look, questions, report
from ui.forecast import series as forecast_series
from ui.forecast import train as forecast_train
from ui.forecast.controls import controls
from ui.forecast.files import forecast_csv
from ui.forecast.models import SHELF, preview
from ui.forecast.report import OnShow, of_model
from ui.plain import plain, sentence

TITLE = "Forecasting"
FILE = "pages/forecast.py"


def settings():
    """The series, how far back to look, and the rest. Returns the series on the table and the experiment, or None."""
    forecast_series.menu()
    table = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.whole(
            "look_back", "Look-back", "How many values it sees before it says the next. Needs a new training."
        )
        button = st.container(width="content")
    verdict = st.container()
    presets = st.container()
    forecast_controls.shape()
    forecast_controls.network()
    with presets:  # after the widgets, so that it knows what the address has set them to
        forecast_controls.presets()
    with table:
        chosen = forecast_series.pick()
    with verdict:
        config = checked(chosen)
    with button:
        train(config)
    return chosen, config


def checked(chosen):
    """The experiment the controls describe; None, and a sentence, if it cannot be run."""
    if chosen is None:
        return None
    try:
        return forecast_controls.config_from(controls.values(), chosen)
    except ValueError as problem:
        st.error(sentence(problem))
        return None


def train(config):
    """The button, and what it starts."""
    live.train_button(
        config, job, session=session, title=TITLE, key="forecast_train", time_limit=forecast_controls.TIME_LIMIT
    )


def put_back():
    """Set the controls to how the network on show was trained."""
    shown = SHELF.models(job).get(st.session_state.get("forecast_model"))
    if shown is not None and shown.config is not None:
        controls.set(forecast_controls.values_of(shown.config))


def watch():
    """A training: its buttons, its losses; while it runs, its forecast of the validation part."""
    live.transport(job)
    if live.came_back(job):
        st.caption(
            "This page was loaded anew; your training " + ("is still here." if job.ended else "went on meanwhile.")
        )
    live.panel(job, forecast_train.view(job), key="forecast_live")
    if not job.ended:
        live.follow(job, forecast_train.on_the_way)


def answer():
    """The forecast of the series on the table: the network's if one has learnt it, or else what needs none."""
    shown = SHELF.choose(job, on_change=put_back)
    if job is not None and job.error:  # the training itself is further below
        st.error(sentence(job.error), icon=":material/error:")
    if config is None or forecast_series.about(shown, chosen):
        show = of_model(shown)
        report.figures(show)
        report.picture(show, height=250)
        st.caption(f"{shown.origin}. Drag over the small picture to see another part.")
        if config is None:
            st.caption("What is set cannot be forecast yet, so this network stays on show.")
        elif shown.config is not None and forecast_controls.differ(config, shown.config):
            st.caption("The settings are not those of this network; they take effect when you press **Train**.")
    else:
        show = OnShow(chosen, config.check(chosen), preview(config, chosen), config.look_back, config.horizon)
        report.figures(show)
        untrained(shown)
        report.picture(show, height=220)
    return shown


def untrained(shown):
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/info: No network has learnt this series yet: press **Train**.", width="content")
        st.button(
            f"Back to “{plain(shown.series.title)}”", icon=":material/undo:", key="forecast_back", on_click=put_back,
            disabled=shown.config is None,
        )  # fmt: skip


def compare(name):
    """A preset beside the project it comes from."""
    preset = PRESETS[name]
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.about}")
        st.dataframe(forecast_train.compared(name, job), hide_index=True)
        st.markdown(f"*What was wrong there:* {preset.to_beat}")


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Nothing to learn",
                controls.link(series="random_walk"),
                "Each point is the last one plus pure chance. Train on it: does anything beat the last value?",
            ),
            lesson.Try(
                "A week that does not fit",
                controls.link(series="web_traffic", look_back=3),
                "Traffic repeats every seven days, and three are all it sees. Then take 7: what do four more days bring?",
            ),
            lesson.Try(
                "Two weeks at once",
                controls.link(series="web_traffic", horizon=14),
                "Fourteen answers from one window. Move *Steps ahead*: does it get worse the further it looks?",
            ),
        ],
    )


def take_home():
    name = shown.forecaster.series
    files = [csv_file("The forecast (.csv)", lambda: forecast_csv(shown), "forecast", name)]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "forecast", name))
    lesson.take_home([*files, network_file(shown.model, "forecast", name)])


session = frame.page(TITLE)
engine.warm_up()
if controls.follow_link():  # the links are far below what they set
    st.toast("The settings are changed: press **Train** at the top.", icon=":material/tune:")
job = live.newest_job(session, TITLE)
if job is not None and live.first_sight(job):
    forecast_controls.take_over(job.config)
    forecast_series.keep_own(job.config)

left, right = st.columns([4, 8], gap="medium")
with left:
    chosen, config = settings()
with right:
    if job is not None and not job.ended:
        watch()
        shown = SHELF.choose(None)
    else:
        shown = answer()
if name := forecast_controls.preset_on_show(job):
    compare(name)

st.subheader("Predict, then reveal", anchor=False)
st.fragment(questions.questions)(shown)

st.subheader("Who forecasts best?", anchor=False)
report.who_wins(of_model(shown))
if job is not None and job.ended:
    st.subheader("How it learnt", anchor=False)
    watch()

st.subheader("What it sees", anchor=False)
st.fragment(look.seen)(shown)
st.subheader("Running free", anchor=False)
st.fragment(look.free)(shown)
st.subheader("The trap: a late copy scores well", anchor=False)
st.fragment(look.trap)(shown)
st.subheader("What is left over", anchor=False)
report.left_over(shown)
st.subheader("The hidden state rides the wave", anchor=False)
st.fragment(look.inside)(shown)

try_this()
take_home()
SHELF.load_back()
lesson.source(series.windows, series.targets, label="The source that just ran: windows, lstm/preprocessing/series.py")
lesson.source(
    forecaster.predict, forecaster.free_run, label="The source that just ran: a forecast, lstm/lessons/forecast/forecaster.py"
)
lesson.source(Forecast.run, label="The source that just ran: the training, lstm/lessons/forecast/experiment.py")
