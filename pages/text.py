"""Text generation: an LSTM learns to predict the next character, and writes with what it has learnt."""

import streamlit as st

from jobs import engine
from lstm import cell
from lstm.lessons.text.experiment import PRESETS, TextGeneration
from ui import frame, lesson, live
from ui.files import file_name, history_file, network_file
from ui.plain import sentence
from ui.text import controls as text_controls
from ui.text import corpus, inspect
from ui.text import live as text_live
from ui.text import write as text_write
from ui.text.controls import controls
from ui.text.models import SHELF

TITLE = "Text generation"
FILE = "pages/text.py"


def settings():
    """The text to learn from, how long to train, and the rest. Returns the text on the table and the experiment."""
    chosen = corpus.pick()
    if chosen.ready:
        corpus.facts(chosen)
    controls.draw_budget()
    verdict = st.container()
    presets = st.container()
    text_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    with verdict:
        button = st.container()
        config = checked(chosen)
        with button:
            train(config)
    return chosen, config


def checked(chosen):
    """The experiment the controls describe; None, and a sentence, if it cannot be run."""
    if not chosen.ready:
        return None
    try:
        config = text_controls.experiment(chosen.text)
        length, symbols = corpus.size(config)
    except (ValueError, OSError) as problem:
        st.error(sentence(problem))
        return None
    try:
        config.check_size(length, symbols)
    except ValueError as problem:
        st.error(sentence(problem))
        st.button("Take a batch size and time steps that fit", on_click=text_controls.fit, args=(length,), key="text_fit")
        return None
    st.caption(f"A model of {config.parameters(symbols):,} parameters, for {symbols:,} different {config.level}s.")
    return config


def train(config):
    """The button, and what it starts."""
    live.train_button(config, job, session=session, title=TITLE, key="text_train", time_limit=text_controls.TIME_LIMIT)


def watch(config):
    """The training: its buttons, its loss, what it writes."""
    live.transport(job)
    if live.came_back(job):
        st.caption(
            "This page was loaded anew; your training " + ("is still here." if job.ended else "went on meanwhile.")
        )
    if job.ended and config is not None and config != job.config:
        st.caption("The settings were changed since; they take effect when you press **Train**.")
    live.panel(job, text_live.view(job), key="text_live")


def write(beside, below):
    """Writing with a model, and what it expects next. Returns the model and what it wrote."""
    with beside:
        shown = SHELF.choose(job)
        written = text_write.write(shown)
    with below:
        text_write.expectation(shown)
    with beside:
        st.caption(shown.origin)
    return shown, written


def compare(name):
    """A preset beside the project it comes from."""
    preset = PRESETS[name]
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.summary}")
        ours = job if job is not None and controls.same(job.config, preset.config) else None
        st.dataframe(text_live.beside(preset, ours), hide_index=True)
        st.markdown(f"*What was wrong there:* {preset.to_beat}")
        st.caption(preset.reading)


def questions():
    st.subheader("Predict, then reveal", anchor=False)
    lesson.predict_then_reveal(
        "text_temperature",
        "The prompt is *I am th*. The temperature goes from 1 down to 0.2. What happens to the likeliest next letter?",
        ["It becomes likelier still", "It becomes less likely", "Its probability stays the same"],
        answer=lambda: text_write.temperature_answer(SHELF.shipped(), "I am th", 0.2),
        explanation=lambda _: text_write.temperature_explanation(SHELF.shipped(), "I am th", 0.2),
    )


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Learn a page by heart",
                controls.link(corpus="tale_opening", batch=4, time_steps=32, seconds=20),
                "1,358 characters are soon known by heart: the training loss goes to 0, and the validation loss?",
            ),
            lesson.Try(
                "A memory of eight",
                controls.link(units=8, seconds=30),
                "Eight numbers are all it can keep in mind. Which part of the spelling does it still get?",
            ),
            lesson.Try(
                "A rate that is too high",
                controls.link(learning_rate=1.0, seconds=20),
                "A hundred times the default. Does the loss still fall below what guessing by frequency costs?",
            ),
        ],
    )


def take_home(shown, written):
    name = shown.model.metadata.get("config", {}).get("corpus", "")
    text = lesson.Takeaway(
        "The text (.txt)", written or " ", file_name("text", name, "written", ending="txt"), "text/plain"
    )
    files = [network_file(shown.model, "text", name, label="The model (.npz)"), text]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "text", name))
    lesson.take_home(files)


session = frame.page(TITLE)
engine.warm_up()
if controls.follow_link():  # the links are far below what they set
    st.toast("The settings are changed: press **Train** at the top.", icon=":material/tune:")
job = live.newest_job(session, TITLE)
if job is not None and live.first_sight(job):
    controls.take_over(job.config)
    corpus.keep_own_text(job.config.text)

left, right = st.columns([5, 8], gap="medium")
with left:
    chosen, config = settings()
if job is None:
    beside = below = right
else:
    with right:
        watch(config)
    live.follow(job, text_live.samples_on_the_way)
if name := controls.preset_on_show(job.config if job is not None else None, PRESETS):
    compare(name)
if job is not None:
    st.subheader("Write with it", anchor=False)
    beside, below = st.columns([8, 5], gap="medium")
shown, written = write(beside, below)

place_of_text = st.container()

st.subheader("Look inside", anchor=False)
st.markdown("One unit at a time, after every symbol it reads. Nobody told it what to keep in mind.")
inspect.look_inside(shown, written)

questions()
try_this()
take_home(shown, written)
SHELF.load_back()
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(TextGeneration.run, label="The source that just ran: the training of this lesson, lstm/lessons/text/experiment.py")

with place_of_text:  # filled last, because a word cloud takes a third of a second
    if chosen.ready:
        corpus.looks(chosen)
