"""Forecasting: a network forecasts a series, and is compared with what needs no network."""

import streamlit as st

from lstm.lessons.forecast import forecaster
from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.preprocessing import series
from ui import lesson, live, on_show
from ui.files import csv_file, history_file, network_file, notebook_files
from ui.forecast import look, questions, report, settings, train
from ui.forecast.answer import answer
from ui.forecast.controls import controls
from ui.forecast.files import forecast_csv
from ui.forecast.models import SHELF
from ui.forecast.series import keep_own
from ui.plain import plain
from ui.runs import compare as compare_runs

TITLE = "Forecasting"
FILE = "pages/forecast.py"


def watch(job):
    """A training: its buttons, its losses; while it runs, its forecast of the validation part."""
    live.watch(job, train.view, key="forecast_live")
    if not job.ended:
        live.follow(job, train.on_the_way)


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
            lesson.Try(
                "A GRU instead",
                controls.link(cell="gru"),
                "Three seeds again. Is its error further from an LSTM's than those of three seeds are from each other?",
            ),
        ],
    )


def take_home(shown, job, config):
    name = shown.forecaster.series
    files = [csv_file("The forecast (.csv)", lambda: forecast_csv(shown), "forecast", name)]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "forecast", name))
    lesson.take_home([*files, network_file(shown.model, "forecast", name), *notebook_files(config)])


begun = live.begin(TITLE, controls, keep_own=keep_own)
job = begun.job

left, right = st.columns([4, 8], gap="medium")
with left:
    chosen, config = settings.section(begun)
with right.container(key="first_on_a_phone_forecast"):
    if job is not None and not job.ended:
        watch(job)
        shown, other = SHELF.choose(None), None
    else:
        shown, other = answer(begun, chosen, config)
if name := controls.preset_on_show(job.config if job is not None else None, PRESETS):
    lesson.beside_its_project(name, PRESETS[name], train.beside(name, job))

if other is None:
    on_show.section("Predict, then reveal", shown)
    st.fragment(questions.questions)(report.of_model(shown), shown)
    on_show.section("Who forecasts best?", shown)
    report.who_wins(report.of_model(shown))
else:
    st.header("Predict, then reveal", anchor=False)
    st.fragment(questions.questions)(other, None)
    st.header("Who forecasts best?", anchor=False)
    st.caption(f":material/visibility: On *{plain(other.series.title)}*, which no network has learnt yet.")
    report.who_wins(other)
if job is not None and job.ended:
    st.header("How it learnt", anchor=False)
    watch(job)

if other is None:
    on_show.section("What it sees", shown)
    st.fragment(look.seen)(shown)
    on_show.section("Running free", shown)
    st.fragment(look.free)(shown)
    on_show.section("The trap: a late copy scores well", shown)
    st.fragment(look.trap)(shown)
    on_show.section("What is left over", shown)
    report.left_over(shown)
    on_show.section("The hidden state rides the wave", shown)
    st.fragment(look.inside)(shown)
    on_show.section("With a gate held", shown)
    st.fragment(questions.with_a_gate_held)(shown)
else:
    st.info(
        f"What a network sees, how it runs free, what it leaves over and what it holds inside are shown here once one has learnt "
        f"*{plain(other.series.title)}*: press **Train**.",
        icon=":material/model_training:",
    )

compare_runs.section(begun, train.view, controls)
try_this()
take_home(shown, job, config)
SHELF.load_back()
lesson.source(series.windows, series.targets, label="The source that just ran: windows, lstm/preprocessing/series.py")
lesson.source(
    forecaster.predict, forecaster.free_run, label="The source that just ran: a forecast, lstm/lessons/forecast/forecaster.py"
)
lesson.source(Forecast.run, label="The source that just ran: the training, lstm/lessons/forecast/experiment.py")
