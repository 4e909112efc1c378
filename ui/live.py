"""Watching a background training: its state in a sentence, progress, figures, curves, and the buttons that steer it.

A lesson says what is worth seeing in a `View`; `panel` draws it a few times a second until the job has ended, and then
lets the page run once, so that everything else on it sees the result. `transport` stands outside what is redrawn, so
that its buttons answer at once.

    begun = live.begin("Text generation", controls)
    ...
    live.watch(begun.job, view, config, key="text_live")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm.lessons.training import MEASURED, metric_name, training_loss
from ui import frame, keep
from ui.controls import Controls, LessonControls
from ui.plain import plain, sentence
from ui.training_charts import Line, loss_curves

TICK = 0.3
"""Seconds between two looks at a training."""

_dismissed: WeakSet[Job] = WeakSet()
"""Of all sessions; a job that was reset is not to come back when its page is reloaded."""

JOBS = 300
"""Most trainings of which a session remembers that it started or has seen them."""


NATS = (
    "The loss is −ln of the probability that the network gave to the right answer, on average; its unit is the *nat*. Right and "
    "certain costs 0, an even guess between two 0.69."
)
"""What a loss in nats is, said below its curve."""


@dataclass(frozen=True)
class Curve:
    """A metric that is drawn: its name in `Progress.metrics`, its label in the legend, its colour in `ui.theme`."""

    metric: str
    label: str
    colour: str
    unit: str = ""
    """Where it is not that of the `View`."""


LOSS = (Curve("loss", "loss of each step", "train"), Curve("val_loss", "validation loss", "validation"))


@dataclass(frozen=True)
class View:
    """What a lesson shows of its training.

    Parameters
    ----------
    unit : what the loss is measured in, on the axis
    per_second : what `Progress.rate` counts
    curves : lines of the chart
    more : what is drawn elsewhere, and kept of a run beside `curves`; see `ui.runs`
    rules : horizontal lines by name
    marks : from the job to vertical lines by name
    figures : from the job to {label: value}, one line of them above the chart
    notes : draws what the lesson noted on the way, such as a sample, below the chart
    log : whether the axis is logarithmic until somebody turns it off
    stands : where the job stands in one line, for one that does not count training steps
    """

    unit: str = "loss"
    per_second: str = "examples"
    curves: tuple[Curve, ...] = LOSS
    more: tuple[Curve, ...] = ()
    rules: Mapping[str, float] = field(default_factory=dict)
    marks: Callable[[Job], Mapping[str, float]] | None = None
    figures: Callable[[Job], Mapping[str, str]] | None = None
    notes: Callable[[Job], None] | None = None
    height: int = 280
    log: bool = False
    stands: Callable[[Job], str] | None = None


@dataclass(frozen=True)
class Begun:
    """A lesson that has begun: whose it is, and what this visitor trains or has trained here."""

    title: str
    session: str
    job: Job | None


def begin(
    title: str,
    controls: LessonControls,
    *,
    others: Sequence[Controls] = (),
    kind: type = object,
    keep_own: Callable[[Any], None] | None = None,
    then: str = "press **Train** at the top",
    warm_up: bool = True,
) -> Begun:
    """Begin the page of a lesson that trains: its frame, the link that led here, and the training this visitor left.

    Parameters
    ----------
    title : the lesson's, and that of its trainings
    controls, others : what a link may set; it is said what it changed
    kind : of config, where a lesson has trainings of several kinds
    keep_own : puts back what was handed in for a training that is found again
    then : what to do after a link was followed
    warm_up : whether the first training is likely to come from here
    """
    session = frame.page(title)
    if warm_up:
        engine.warm_up()
    for one in (controls, *others):
        if (changed := one.follow_link()) is not None:
            st.toast(changes(changed, then), icon=":material/tune:")
        if (set_so := one.linked()) is not None:
            st.caption(":material/link: " + as_set(set_so, then, changed is not None or one.as_linked()))
    job = newest_job(session, title, kind)
    if job is not None and first_sight(job):
        controls.take_over(job.config)
        if keep_own is not None:
            keep_own(job.config)
    return Begun(title, session, job)


def changes(changed: Mapping[str, str], then: str) -> str:
    """What a link changed, by the controls' labels, and what to do now. Markdown."""
    words = ", ".join(f"{plain(label)} {plain(value[:40])}" for label, value in changed.items())
    return f"{'**Changed:** ' + words if words else 'The settings stand as the link says'}; {then}."


def as_set(words: Mapping[str, str], then: str, still: bool) -> str:
    """What a link has set, by the controls' labels, as long as its page is open. Markdown.

    still : whether the controls stand so. The line stays when they do not, so that nothing below it moves.
    """
    said = ", ".join(f"**{plain(label)} {plain(word[:40])}**" for label, word in words.items()) or "everything as at first"
    if not still:
        return f"The link said {said}; the settings have been changed since."
    return f"As the link says: {said}{', all else as at first' if words else ''}. Now {then}."


def newest_job(session: str, title: str, kind: type = object) -> Job | None:
    """The session's newest training of that title, and `kind` of config, unless it was dismissed with "Reset"."""
    mine = [
        job
        for job in engine.jobs(session)
        if job.title == title and isinstance(job.config, kind) and job not in _dismissed
    ]
    return mine[-1] if mine else None


def came_back(job: Job) -> bool:
    """Whether this browser session found the job instead of starting it: the page was reloaded meanwhile."""
    return job.id not in keep.table("jobs started here")


def first_sight(job: Job) -> bool:
    """Whether a job that was not started here is seen for the first time; True once."""
    first = came_back(job) and job.id not in keep.table("jobs seen")
    if job.id not in keep.table("jobs seen"):
        keep.remember("jobs seen", job.id, job.state, JOBS)
    return first


def start(config: Any, *, session: str, title: str, time_limit: float, recycle: bool = False) -> Job:
    """Submit a training and remember that it was started here. Raises ValueError when too many wait already.

    With `recycle` the worker's process, and all its memory, is given back afterwards.
    """
    job = engine.submit(config, session=session, title=title, time_limit=time_limit, recycle=recycle)
    keep.remember("jobs started here", job.id, True, JOBS)
    return job


def train_button(config: Any, begun: Begun, *, key: str, time_limit: float) -> None:
    """The button that starts a training; off while another runs, and where `config` is None: there is none to start."""
    busy = begun.job is not None and not begun.job.ended
    label = "Training …" if busy else "Train"
    off = busy or config is None
    if st.button(label, icon=":material/model_training:", type="primary", key=key, disabled=off):
        try:
            start(config, session=begun.session, title=begun.title, time_limit=time_limit)
        except ValueError as problem:
            st.error(sentence(problem))
        else:
            st.rerun()


def start_on_click(config: Any, begun: Begun, time_limit: float) -> None:
    """The same as a callback; why there are too many is said in a toast."""
    try:
        start(config, session=begun.session, title=begun.title, time_limit=time_limit)
    except ValueError as problem:
        st.toast(sentence(problem), icon=":material/error:")


def watch(
    job: Job | None,
    view: Callable[[Job], View],
    config: Any = None,
    *,
    key: str,
    idle: str = "Nothing is being trained.",
    before: Callable[[Job], None] | None = None,
    picture_first: bool = False,
) -> None:
    """Watch a training: its buttons, what is true of it now, its progress and curves.

    Parameters
    ----------
    view : from the job to what is worth seeing of it
    config : what the settings describe at the moment; None where they describe nothing
    idle : said where there is no training
    before : draws something between the buttons and the progress
    picture_first : the buttons below what they steer
    """
    if job is None:
        st.info(idle, icon=":material/model_training:")
        return
    if picture_first:
        panel(job, view(job), key)
    transport(job)
    if said := true_now(job, config):
        st.caption(said)
    if before is not None:
        before(job)
    if not picture_first:
        panel(job, view(job), key)


def true_now(job: Job, config: Any = None) -> str:
    """What is true of a training at the moment, beside its progress: how it was found, and whether the settings are its own."""
    said = []
    if came_back(job):
        said.append(f"This page was reloaded; your training {_found(job)}.")
    if job.ended and config is not None and config != job.config:
        said.append("The settings were changed since; they take effect when you press **Train**.")
    return " ".join(said)


def _found(job: Job) -> str:
    """How a training that was found again stands. That it went on is said of one alone that was found running and still runs."""
    if job.state in ("queued", "paused"):
        return "still waits for its turn" if job.state == "queued" else "is paused"
    at_first = keep.table("jobs seen").get(job.id, job.state)
    return "went on meanwhile" if job.state == at_first == "running" else "is still here"


def dismiss(job: Job) -> None:
    """End a training if need be, and show it no more."""
    job.stop()
    _dismissed.add(job)


def transport(job: Job, reset: Callable[[Job], None] = dismiss) -> None:
    """Pause, resume, stop and reset. Each says what happens to what was learnt."""
    running = not job.ended and not job.stopping
    with st.container(horizontal=True, gap="small", key="live_transport"):
        if job.state == "paused":
            st.button(
                "Resume", icon=":material/play_arrow:", key="live_resume", on_click=job.resume, disabled=not running
            )
        else:
            st.button("Pause", icon=":material/pause:", key="live_pause", on_click=job.pause, disabled=not running)
        st.button(
            "Stop", icon=":material/stop:", key="live_stop", on_click=job.stop, disabled=not running,
            help="End the training now and keep what it has learnt.",
        )  # fmt: skip
        st.button(
            "Reset", icon=":material/restart_alt:", key="live_reset", on_click=reset, args=(job,),
            help="Forget this training and what it learnt. The settings stay.",
        )  # fmt: skip


def panel(job: Job, view: View, key: str = "live") -> None:
    """Draw a job until it has ended; when it ends in front of the reader, the whole page runs once."""
    every = _pace(job)
    st.fragment(_draw, run_every=every)(job, view, key, every)


def _pace(job: Job) -> float | None:
    """Seconds between two looks: few jobs of a class run, the others wait, and every look costs the server some work."""
    return None if job.ended else 5 * TICK if job.state in ("queued", "paused") else TICK


def measured(job: Job) -> Mapping[str, str]:
    """On what its metrics are measured while it runs, by metric, where it is not on all that is held out."""
    notes = job.notes(MEASURED)
    return notes[-1][1] if notes else {}


def loss_figures(job: Job, decimals: int = 3) -> dict[str, str]:
    """Training and validation loss in numbers: the final figures once there are some, before that what was measured lately.

    The training loss is a mean over steps, and the validation loss says when it is that of a part.
    """
    loss, val = (job.history.series(name)[1] for name in ("loss", "val_loss"))
    if not loss:
        return {}
    name = getattr(job.config, "loss_name", "training loss")
    final = getattr(job.result, "metrics", {})
    found = {name: final.get(name, training_loss(loss))}
    if "validation loss" in final:
        found["validation loss"] = final["validation loss"]
    elif val:
        found[metric_name("val_loss", measured(job))] = val[-1]
    return {label[0].upper() + label[1:]: f"{value:.{decimals}f}" for label, value in found.items()}


def _draw(job: Job, view: View, key: str, every: float | None) -> None:
    if _pace(job) != every:
        st.rerun()
    _state(job, view)
    where = measured(job)
    lines = [
        Line(f"{curve.label} {where.get(curve.metric, '')}".strip(), curve.colour, *job.history.series(curve.metric))
        for curve in view.curves
    ]
    if any(len(line.steps) for line in lines):
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_figures"):
            # On the left: when the pointer is over the chart, Streamlit's own buttons appear on the right.
            log = st.toggle(
                "Log axis", view.log, key=f"{key}_log", persist_state="session", help="The loss on a logarithmic axis."
            )
            figures = view.figures(job) if view.figures is not None else {}
            st.markdown(" · ".join(f"{label} **{value}**" for label, value in figures.items()), width="stretch")
        marks = view.marks(job) if view.marks is not None else None
        figure = loss_curves(lines, view.rules, marks=marks, log=log, y=view.unit, height=view.height)
        names = " and ".join(dict.fromkeys(line.label for line in lines))
        figure.show(f"{key}_chart", f"Lines: {names} in {view.unit}, step by step")
        if "nats" in view.unit:
            st.caption(NATS)
    if view.notes is not None:
        view.notes(job)


def follow(job: Job, draw: Callable[[Job], None], every: float = 1.0) -> None:
    """Let `draw` show something of a job elsewhere on the page, again and again until the job has ended."""
    st.fragment(draw, run_every=None if job.ended else every)(job)


def _state(job: Job, view: View) -> None:
    label = status(job, view.per_second) if view.stands is None else view.stands(job)
    st.progress(job.done, text=label)
    if job.error:
        kept = " The weights it had before are kept." if getattr(job.result, "model", None) is not None else ""
        st.error(sentence(job.error) + kept, icon=":material/error:")
    if job.recovered:
        st.warning(sentence(job.recovered), icon=":material/healing:")
    if job.notice:
        st.info(sentence(job.notice), icon=":material/info:")


def status(job: Job, per_second: str = "examples") -> str:
    """Where a job stands, in one line."""
    now = job.progress
    if job.state == "queued":
        return _waiting(job)
    if now is None:
        ended = {"stopped": "Stopped before the first step", "failed": "Failed before the first step"}
        return ended.get(job.state, "Starting a training process …")
    if job.state == "starting":
        return "Starting a training process …"
    epochs = f" · {now.epoch:,.1f} epochs" if now.epoch else ""  # where all data are fresh, there are none
    steps = f"step {now.step:,}{epochs}"
    if job.ended:
        return f"{job.state.capitalize()} at {steps} · {clock(now.seconds)} of training"
    if job.stopping:
        return f"Stopping at {steps}"
    if job.state == "paused":
        return f"Paused at {steps}"
    left = f" · {clock(now.eta)} left" if now.eta is not None else ""
    return f"{steps.capitalize()} · {now.rate:,.0f} {per_second}/s{left}"


def _waiting(job: Job) -> str:
    """What a job waits for: its beginning, or its next turn."""
    wait = job.expected_wait
    when = "when a place is free" if wait is None else "in a moment" if wait < 3 else f"in about {about(wait)}"
    place = f"number {job.place} in the queue" if job.place else "in the queue"
    if not job.aside:
        return f"{place.capitalize()}; it begins {when}"
    return f"Step {job.progress.step:,} · others have their turn; it goes on {when}, {place}"


def about(seconds: float) -> str:
    """A wait that nobody can foretell exactly: 10 seconds, 2 minutes."""
    if seconds < 55:
        return f"{max(round(seconds / 5) * 5, 5)} seconds"
    minutes = max(round(seconds / 60), 1)
    return f"{minutes} minute{'s' * (minutes > 1)}"


def clock(seconds: float) -> str:
    """A duration as minutes and seconds: 1:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
