"""What the tests of the training pages share: a desk that trains at once, and hands and eyes on a page."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from jobs.job import Job
from lstm.history import Control
from ui.frame import ROOT


class Desk:
    """Stands in for the engine: trains at once, `steps` steps; with `hold` the training then stands still, running."""

    def __init__(self, steps: int = 4) -> None:
        self.all: list[Job] = []
        self.steps, self.hold = steps, False

    def submit(self, config: Any, *, session: str, title: str, time_limit: float, recycle: bool = False) -> Job:
        job = Job(
            config, session=session, title=title, time_limit=time_limit, recycle=recycle, order=self.order, place=lambda _: None
        )  # fmt: skip
        self.all.append(job)
        job.phase = "running"
        control = Control()
        run = config.run(control)
        try:
            while True:
                job.progress = next(run)
                for name, value in {"seconds": job.progress.seconds, **job.progress.metrics}.items():
                    job.history.add(name, [(job.progress.step, value)])
                for name, value in job.progress.notes.items():
                    job.history.add_note(name, job.progress.step, value)
                if self.hold and job.progress.step == self.steps:
                    return job
                control.stop = job.progress.step == self.steps - 1
        except StopIteration as end:
            result = end.value
            job.end("failed" if result.problem else "stopped", result=result, error=result.problem)
        return job

    def order(self, job: Job, wanted: str) -> None:
        job.wanted = wanted
        if wanted == "stop":
            job.end("stopped")

    def jobs(self, session: str) -> list[Job]:
        return list(self.all)


def open_page(file: str, **params: str) -> AppTest:
    """A page with these values in its address, run once."""
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    page.switch_page(file)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def offer(page: AppTest, label: str, name: str, data: bytes) -> None:
    """Hand in a file where the label begins like this."""
    uploader = next(one for one in page.file_uploader if one.label.startswith(label))
    uploader.set_value((name, data, "application/octet-stream")).run()
    assert not page.exception


def sentences(page: AppTest) -> list[str]:
    """What is wrong, as the reader sees it: without the backslashes that keep Markdown from reading it."""
    return [found.value.replace("\\", "") for kind in (page.error, page.warning, page.info) for found in kind]


def kept(page: AppTest, name: str) -> Any:
    """What `ui.keep` has kept last for the page's visitor under that name."""
    return list(page.session_state[f"_kept {name}"].values())[-1]
