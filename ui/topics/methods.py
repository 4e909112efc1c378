"""Every method's opinion: the network on show, and the classical methods, which are fitted in the background in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from threading import Lock
from typing import Any

import numpy as np

from jobs import engine
from jobs.job import Job
from lstm.datasets.topics import LabelledTexts, load_topics
from lstm.lessons.cells import cell_of
from lstm.lessons.reading.classical import METHODS, ClassicalMethods, Fitted
from lstm.lessons.reading.reader import probabilities
from lstm.lessons.reading.topics import Topics
from lstm.lessons.scores import confusion
from lstm.storage import model_bytes
from ui import keep
from ui.live import JOBS
from ui.model_shelf import SHIPPED, Shelf
from ui.reading.models import ReadingModel, described

JOB = "Topics: counting words"
"""What the background job is called that fits the classical methods."""

TIME_LIMIT = 300.0
MOST_KEPT = 8
_RETRIED = "topics fits retried"
_SHARED_FITS: dict[ClassicalMethods, dict[str, Any]] = {}
"""What was fitted on the sentences that ship, for whoever comes next: it is nobody's own and asking it changes nothing."""
_BEING_FITTED: dict[ClassicalMethods, Job] = {}
"""By whose training that is happening now: a class that opens this page together waits for one of them."""
_sharing = Lock()

SHELF: Shelf[ReadingModel] = Shelf("topics", described({"topics": "the four topics that ship"}), "network")


@dataclass(frozen=True)
class Exam:
    """The test part, and every method's opinion on it: name → (texts, classes)."""

    texts: list[str]
    labels: np.ndarray
    classes: tuple[str, ...]
    opinions: Mapping[str, np.ndarray]
    network: str
    """The network's name among them: its cell's."""

    def confusion(self, name: str) -> np.ndarray:
        """(classes, classes), what a method took for what."""
        return confusion(self.labels, self.opinions[name].argmax(axis=1), len(self.classes))

    def accuracies(self) -> dict[str, float]:
        """How often each method is right, the best first."""
        found = {name: float((p.argmax(axis=1) == self.labels).mean()) for name, p in self.opinions.items()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))


@dataclass(frozen=True)
class Panel:
    """Whoever has an opinion: the network on show, the texts it learnt from if they are included, the fitted methods.

    `examined` holds opinions on the test part as far as the training computed them; `waiting` is the job that fits the
    classical methods, `refused` why there is none.
    """

    shown: ReadingModel
    config: Topics | None
    table: LabelledTexts | None
    fitted: Mapping[str, Fitted]
    examined: Mapping[str, np.ndarray] = field(default_factory=dict)
    waiting: Job | None = None
    refused: str | None = None

    @property
    def network(self) -> str:
        """What the network on show is called among the methods: by its cell."""
        return cell_of(self.shown.model)

    def opinions(self, text: str, mine: np.ndarray) -> dict[str, np.ndarray]:
        """Everybody's probabilities for a text, the network's first."""
        return {self.network: mine} | {name: one.probabilities([text])[0] for name, one in self.fitted.items()}


def panel(shown: ReadingModel, job: Job | None, session: str) -> Panel:
    """Who has an opinion beside the network on show; starts fitting the classical methods if nobody has yet."""
    config = _config(shown, job)
    if config is None:
        return Panel(shown, None, None, {})
    table = _table(config)
    if tuple(table.classes) != shown.reader.classes:
        return Panel(shown, None, None, {})
    details = job.result.details if _trained(shown, job) else {}
    mine, known = details.get("classical", {}), details.get("probabilities", {})
    if set(METHODS) <= set(mine):
        return Panel(shown, config, table, mine, known)
    same = {field.name: getattr(config, field.name) for field in fields(ClassicalMethods) if field.name != "network"}
    network = SHELF.kept(shown, "file", None, lambda: model_bytes(shown.model))
    fitted: dict[str, Fitted] = {}
    waiting = refused = None
    for wanted, shared in (
        (ClassicalMethods(**same), config.data == "topics"),
        (ClassicalMethods(**same, network=network), shown.key == SHIPPED),
    ):
        found, waits, no = _fits(wanted, session, shared)
        waiting, refused = waiting or waits, refused or no
        if found is not None:
            fitted, known = fitted | found["classical"], known | found["probabilities"]
    return Panel(shown, config, table, fitted, known, waiting, refused)


def _trained(shown: ReadingModel, job: Job | None) -> bool:
    return job is not None and job.result is not None and shown.key == job.id


def _config(shown: ReadingModel, job: Job | None) -> Topics | None:
    """How the network was trained; None where its texts are not known."""
    if _trained(shown, job):
        return job.config
    known = {field.name for field in fields(Topics)}
    try:
        config = Topics(**{name: value for name, value in shown.config.items() if name in known})
    except (ValueError, TypeError):
        return None
    return config if config.data == "topics" else None


def _table(config: Topics) -> LabelledTexts:
    if config.data == "topics":
        return load_topics()
    wanted = (config.csv, config.text_column, config.label_column)
    return keep.of_session("topics trained table", wanted, config.table)


def _fits(
    wanted: ClassicalMethods, session: str, shared: bool
) -> tuple[dict[str, Any] | None, Job | None, str | None]:
    """What was fitted, or the job that fits it, submitted if there is none yet, or why there is nothing.

    shared : whether it follows from what ships, so that everybody may have it
    """
    with _sharing:
        return _shared_or_own(wanted, session, shared)


def _shared_or_own(
    wanted: ClassicalMethods, session: str, shared: bool
) -> tuple[dict[str, Any] | None, Job | None, str | None]:
    if wanted in _SHARED_FITS:
        return _SHARED_FITS[wanted], None, None
    if (others := _BEING_FITTED.get(wanted)) is not None:
        if not others.ended:
            return None, others, None
        del _BEING_FITTED[wanted]
        if others.state == "finished" and others.result is not None and len(_SHARED_FITS) < MOST_KEPT:
            _SHARED_FITS[wanted] = others.result.details
            return others.result.details, None, None
    found = [job for job in engine.jobs(session) if job.title == JOB and job.config == wanted]
    newest = found[-1] if found else None
    if newest is not None and newest.ended and newest.result is not None:
        return newest.result.details, None, None
    if newest is not None and not newest.ended:
        return None, newest, None
    if newest is not None and newest.id not in keep.table(_RETRIED):  # not again unless somebody asks for it
        return None, None, newest.error or "they were stopped before they were fitted"
    try:
        job = engine.submit(wanted, session=session, title=JOB, time_limit=TIME_LIMIT)
        if shared:
            _BEING_FITTED[wanted] = job
        return None, job, None
    except ValueError as problem:
        return None, None, str(problem)


def try_again(session: str) -> None:
    """Let the methods be fitted again after they failed."""
    for job in engine.jobs(session):
        if job.title == JOB:
            keep.remember(_RETRIED, job.id, True, JOBS)


def exam_of(methods: Panel) -> Exam | None:
    """Everybody's opinions on the test part, computed once; None where there are no texts to be tested on."""
    if methods.table is None:
        return None

    def examine() -> Exam:
        texts, labels = methods.table.part("test")
        opinions: dict[str, np.ndarray] = dict(methods.examined)
        if methods.network not in opinions:
            opinions[methods.network] = probabilities(methods.shown.model, methods.shown.reader, texts)
        for name, one in methods.fitted.items():
            if name not in opinions:
                opinions[name] = one.probabilities(texts)
        return Exam(texts, labels, methods.table.classes, opinions, methods.network)

    return SHELF.kept(methods.shown, "exam", tuple(methods.fitted), examine)
