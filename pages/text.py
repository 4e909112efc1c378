"""Text generation: an LSTM learns to predict the next character, and writes with what it has learnt."""

import streamlit as st

from jobs import engine
from lstm import cell
from lstm.experiments.char_lm import CharLM
from ui import frame, lesson, live, text_corpus, text_inspect, text_live, text_models, text_write
from ui.plain import plain, sentence
from ui.text_controls import TIME_LIMIT, budget, config_from, controls, more_settings, presets, preset_of
from ui.text_presets import PRESETS

TITLE = "Text generation"
session = frame.page(TITLE)
engine.warm_up()
job = live.newest_job(session, TITLE)

left, right = st.columns([5, 8], gap="medium")
with left:
    chosen = text_corpus.pick()
    if chosen.ready:
        text_corpus.facts(chosen)
    budget()
    go = st.container(horizontal=True)
    preset_place = st.container()
    more_settings()
    with preset_place:
        preset = presets()
    try:
        config, problem = config_from(controls.values(), chosen.text), None
    except ValueError as error:
        config, problem = None, sentence(error)
    busy = job is not None and not job.ended
    with go:
        pressed = st.button(
            "Train",
            icon=":material/model_training:",
            type="primary",
            key="text_train",
            disabled=busy or problem is not None or not chosen.ready,
        )
    if problem:
        st.error(problem)
    if pressed:
        try:
            config.encode(config.prepared_text())
            live.start(config, session=session, title=TITLE, time_limit=TIME_LIMIT)
        except (ValueError, OSError) as error:
            st.error(sentence(error))
        else:
            st.rerun()
    if chosen.ready:
        text_corpus.first_lines(chosen)
    cloud_place = st.container()

beside = below = right
if job is not None:
    with right:
        live.transport(job)
        live.panel(job, text_live.view(job), key="text_live")
    live.follow(job, text_live.samples_on_the_way)
    st.subheader("Write with it", anchor=False)
    beside, below = st.columns([8, 5], gap="medium")
with beside:
    who = text_models.choose(job)
    written = text_write.write(who)
    st.caption(who.origin)
with below:
    text_write.expectation(who)

st.subheader("Look inside", anchor=False)
text_inspect.look_inside(who, written)
text_models.load_back()

with cloud_place:
    if chosen.ready:
        text_corpus.cloud(chosen)
