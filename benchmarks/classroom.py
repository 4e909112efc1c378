"""`python -m benchmarks.classroom`: a class on one small server, without a browser.

Starts the app as the README does, on a loopback address, and lets N visitors in (benchmarks.visitor): all open one page at
once, open pages, move sliders, train, reload, come back, vanish. For each N it tells the times that a student waits, the
memory that is held meanwhile and afterwards, and what was left behind. The visitors share the machine with the server, so
the figures are those of a server that is a little busier than they say. With several `--repo` each measurement is taken in
each of them in turn, so that before and after come from one run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import psutil

from . import report
from .visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
HOME = ""
TRAINS = "text"  # the page that trains: the lesson of most classes
BUDGET = "text_budget=time&text_seconds={seconds}&text_units=64"
MOST = 200  # visitors
THINK = 2.0  # seconds between two movements of a hand
STARTS = 60.0


def main(argv: list[str] | None = None) -> int:
    """Run it. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__)
    parser.add_argument("--visitors", default="1,10,30,60", help="numbers of visitors (1,10,30,60)")
    parser.add_argument("--repo", type=Path, action="append", help="a copy of the project to measure, more than once if wished")
    parser.add_argument("--pages", help="comma-separated; by default all that there are")
    parser.add_argument("--seconds", type=float, default=20.0, help="of sliders, and again of sliders beside trainings (20)")
    parser.add_argument("--trainings", type=int, default=4, help="how many train (4)")
    parser.add_argument("--after", type=float, default=150.0, help="seconds that memory is watched after all have left (150)")
    parser.add_argument("--option", action="append", default=[], help="a further option of `streamlit run`, such as --option=server.x=y")
    parser.add_argument("--lesson", action="store_true", help="the plan of 45 minutes alone: its links and its trainings")
    parser.add_argument("--room", action="store_true", help="a class in a room alone: its answers, the teacher's count, what is revealed")
    parser.add_argument("--out", type=Path, help="a JSON file to write")
    args = parser.parse_args(argv)
    repos = [repo.resolve() for repo in args.repo or [ROOT]]
    try:
        counts = [int(one) for one in args.visitors.split(",")]
        if not all(1 <= count <= MOST for count in counts):
            raise ValueError
        if missing := [str(repo) for repo in repos if not (repo / "dashboard.py").is_file()]:
            print(f"--repo needs a folder with dashboard.py, got {', '.join(missing)}", file=sys.stderr)
            return 2
    except ValueError:
        print(f"--visitors takes whole numbers from 1 to {MOST}, got {args.visitors!r}", file=sys.stderr)
        return 2
    plan = Plan(args.seconds, args.trainings, args.after, tuple(args.option), tuple(filter(None, (args.pages or "").split(","))))
    if args.lesson:
        return asyncio.run(lesson(repos[0], max(counts), plan.options))
    if args.room:
        return asyncio.run(in_a_room(repos[0], max(counts), plan))
    results: dict[str, Any] = {"machine": report.machine(), "date": time.strftime("%Y-%m-%d"), "runs": []}
    for count in counts:
        for repo in repos:
            print(f"{count} visitors on {name_of(repo)} …", flush=True)
            results["runs"].append(asyncio.run(measure(repo, count, plan)))
            if args.out:
                report.save_json(results, args.out)
    print("\n" + table(results["runs"]))
    return 1 if any(run["errors"] for run in results["runs"]) else 0


@dataclass(frozen=True)
class Plan:
    """What a run does, apart from how many take part."""

    seconds: float = 20.0
    trainings: int = 4
    after: float = 150.0
    options: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


def name_of(repo: Path) -> str:
    """A version of the project, by its commit."""
    asked = subprocess.run(["git", "-C", str(repo), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or repo.name


def times(seconds: list[float]) -> dict[str, float] | None:
    """Median, 95th percentile and maximum in milliseconds."""
    if not seconds:
        return None
    found = np.array(seconds) * 1e3
    return {
        "p50": round(float(np.percentile(found, 50)), 1), "p95": round(float(np.percentile(found, 95)), 1),
        "max": round(float(found.max()), 1), "count": len(seconds),
    }  # fmt: skip


# --- the server -----------------------------------------------------------------------------------------------------


class Server:
    """The app in a process of its own, with all that it starts, at a free port or `port`. Use it as a context manager."""

    def __init__(self, repo: Path, options: tuple[str, ...], log: Path, port: int = 0) -> None:
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
            port = free.getsockname()[1]
        self.address, self.log = f"127.0.0.1:{port}", log
        command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.headless=true", "--server.address=127.0.0.1"]
        command += [f"--server.port={port}", "--browser.gatherUsageStats=false", *(f"--{option}" for option in options)]
        with log.open("w") as out:
            self.process = subprocess.Popen(command, cwd=repo, stdout=out, stderr=out, start_new_session=True)

    def __enter__(self) -> Server:
        end = time.monotonic() + STARTS
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{self.address}/_stcore/health", timeout=2).close()
                return self
            if time.monotonic() > end or self.process.poll() is not None:
                self.__exit__()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        family = self.family()
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGTERM)
            else:
                self.process.terminate()
        psutil.wait_procs(family, timeout=15)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()

    def family(self) -> list[psutil.Process]:
        """The server and everything it has started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            server = psutil.Process(self.process.pid)
            return [server, *server.children(recursive=True)]
        return []

    def memory(self) -> dict[str, float]:
        """MB of the server alone, and of all its processes together, shared pages counted once where the system tells."""
        sizes = []
        for one in self.family():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                full = one.memory_full_info()
                sizes.append((full.rss, getattr(full, "pss", full.rss)))
        return {
            "server": round(sizes[0][0] / 1e6, 1) if sizes else 0.0,
            "all": round(sum(pss for _, pss in sizes) / 1e6, 1),
            "processes": len(sizes),
        }

    def tracebacks(self) -> int:
        """How many the log holds."""
        return self.log.read_text(errors="replace").count("Traceback (most recent call last)")


def pages_of(repo: Path) -> list[str]:
    """The app's pages by their addresses, Home first."""
    return [HOME, *sorted(path.stem for path in (repo / "pages").glob("*.py"))]


# --- what visitors do -----------------------------------------------------------------------------------------------


@dataclass
class Class:
    """Visitors of one server, and what they have waited for so far."""

    server: Server
    count: int
    errors: list[str] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    """Seconds that answers took."""

    async def together(self, work: Callable[[Visitor, int], Awaitable[Any]]) -> list[Any]:
        """Let all do something at once; a visitor's failure has been noted and leaves nothing here."""
        found = await asyncio.gather(*(work(one, k) for k, one in enumerate(self.visitors)), return_exceptions=True)
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, (OSError, TimeoutError)):
                self.errors.append(f"{type(one).__name__}: {str(one)[:100]}")
        return [one for one in found if not isinstance(one, BaseException)]

    async def enter(self) -> None:
        """Fresh visitors in the place of those who are here."""
        await self.go()
        self.visitors = [Visitor(self.server.address, self.errors) for _ in range(self.count)]

    async def go(self, politely: bool = True) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(one.leave(politely) for one in self.visitors))

    async def stampede(self, page: str) -> list[float]:
        """All open one page within a second; seconds until each one's last delta."""
        await self.enter()

        async def come(visitor: Visitor, k: int) -> float:
            await asyncio.sleep(k / self.count)
            return await visitor.open(page)

        return await self.together(come)

    async def work(self, pages: list[str], seconds: float) -> tuple[list[float], list[float]]:
        """Open pages and move sliders; seconds until each page was there, and each last delta after a movement."""
        opened: list[float] = []
        moved: list[float] = []

        async def study(visitor: Visitor, k: int) -> None:
            end = time.monotonic() + seconds
            await asyncio.sleep(THINK * k / self.count)
            for number in range(1000):
                if time.monotonic() >= end:
                    return
                opened.append(await visitor.open(pages[(k + number) % len(pages)]))
                for move in range(5):
                    await asyncio.sleep(THINK * (0.75 + 0.5 * ((k + move) % 5) / 4))
                    if time.monotonic() >= end or not (sliders := visitor.sliders()):
                        break
                    moved.append(await slide(visitor, sliders[(k + move) % len(sliders)], k + move))

        await self.together(study)
        return opened, moved

    async def train(self, seconds: float, visitors: list[Visitor]) -> dict[str, list[float]]:
        """Each starts a training; seconds until its page shows a first loss, and looks at it a second."""
        first: list[float] = []
        updates: list[float] = []

        async def one(visitor: Visitor) -> None:
            await visitor.open(TRAINS, BUDGET.format(seconds=max(round(seconds / 10) * 10, 10)))  # the slider's steps
            button = visitor.button("Train")
            if button is None:
                self.errors.append(f"{TRAINS}: there is no button to train")
                return
            clicked = time.perf_counter()
            await visitor.set(button.id, "trigger_value", True)
            end = time.monotonic() + seconds * max(len(visitors), 2) + STARTS
            while not [step for _, step in visitor.steps if step > 0]:
                if time.monotonic() > end:
                    self.errors.append(f"{TRAINS}: no loss came")
                    return
                await asyncio.sleep(0.02)
            first.append(next(when for when, step in visitor.steps if step > 0) - clicked)
            await asyncio.sleep(min(seconds, 10.0))
            shown = [when for k, (when, step) in enumerate(visitor.steps) if k and step != visitor.steps[k - 1][1]]
            if len(shown) > 2:
                updates.append((len(shown) - 1) / (shown[-1] - shown[0]))

        found = await asyncio.gather(*(one(visitor) for visitor in visitors), return_exceptions=True)
        self.errors += [f"training: {type(one).__name__}" for one in found if isinstance(one, Exception)]
        return {"first": first, "updates": updates}


async def slide(visitor: Visitor, slider: Any, number: int) -> float:
    """Move a slider to another place on its scale; of one in a fragment the fragment alone runs, as in a browser."""
    steps = max(int((slider.max - slider.min) / (slider.step or 1)), 1)
    value = slider.min + (slider.step or 1) * ((number * 7 + 1) % (steps + 1))
    return await visitor.touch(slider.id, "double_array_value", min(value, slider.max))


async def measure(repo: Path, count: int, plan: Plan) -> dict[str, Any]:
    """Everything, on a fresh server."""
    pages = list(plan.pages) or pages_of(repo)
    log = Path(tempfile.gettempdir()) / f"classroom-{os.getpid()}.log"
    found: dict[str, Any] = {"version": name_of(repo), "visitors": count, "options": list(plan.options)}
    with Server(repo, plan.options, log) as server:
        group = Class(server, count)
        # A server on which each page was opened once.
        first = Visitor(server.address, group.errors)
        found["first open"] = {}
        for page in pages:
            found["first open"][page or "Home"] = round(await first.open(page) * 1e3)
        await first.leave()
        await asyncio.sleep(3)
        found["memory"] = {"warm": server.memory()}

        found["stampede"], found["memory a visitor"] = {}, {}
        for page in pages:
            before = server.memory()["server"]
            found["stampede"][page or "Home"] = times(await group.stampede(page))
            found["memory a visitor"][page or "Home"] = round((server.memory()["server"] - before) / count, 2)
        await group.enter()
        opened, moved = await group.work(pages, plan.seconds)
        found["page open"], found["slider"] = times(opened), times(moved)
        found["memory"]["busy"] = server.memory()

        await group.go()
        learners = [Visitor(server.address, group.errors) for _ in range(min(plan.trainings, count))]
        await group.enter()
        training = asyncio.create_task(group.train(plan.seconds, learners))
        await asyncio.sleep(min(3.0, plan.seconds))
        opened, moved = await group.work(pages, plan.seconds)
        taught = await training
        found["page open, while some train"], found["slider, while some train"] = times(opened), times(moved)
        found["click to first loss"] = times(taught["first"])
        found["updates a second"] = round(float(np.mean(taught["updates"])), 2) if taught["updates"] else None
        found["memory"]["training"] = server.memory()

        # Reloading, coming back, and vanishing.
        found["reload"] = times(await group.together(lambda visitor, k: visitor.open(visitor.page)))
        found["come back"] = times(await group.together(lambda visitor, k: visitor.open(visitor.page, again=True)))
        await group.go(politely=False)
        await asyncio.gather(*(one.leave(politely=False) for one in learners))
        found["memory"]["after"] = []
        left = time.monotonic()
        while time.monotonic() - left < plan.after:
            await asyncio.sleep(min(10.0, plan.after))
            found["memory"]["after"].append([round(time.monotonic() - left), server.memory()])
        found["jobs left behind"] = await jobs_left(server, group.errors)
        found["tracebacks"] = server.tracebacks()
        found["errors"] = group.errors[:50]
        found["error count"] = len(group.errors)
    log.unlink(missing_ok=True)
    return found


# --- the class of 45 minutes ----------------------------------------------------------------------------------------


async def lesson(repo: Path, count: int, options: tuple[str, ...]) -> int:
    """Every step's links of the plan, and the trainings of `count` students who press "Train" at once. Returns the exit code."""
    from ui.home import plan

    failed = False
    minutes = plan.minutes_to_train()
    for workers in (1, 2):
        log = Path(tempfile.gettempdir()) / f"lesson-{os.getpid()}.log"
        os.environ["LSTM_LAB_WORKERS"] = str(workers)
        with Server(repo, options, log) as server:
            errors: list[str] = []
            links = [link for _, step in plan.steps() for link in step.links]
            opened: list[float] = []
            for link in links:  # twice: the first visit of a page also loads it
                page, query = Path(link.file).stem, urlencode(dict(link.params) | {"try": "1"})
                for _ in range(2):
                    visitor = Visitor(server.address, errors)
                    opened.append(await visitor.open(page, query))
                    await visitor.leave()
            print(f"links, opened again: {', '.join(f'{link.label} {took:.2f} s' for link, took in zip(links, opened[1::2], strict=True))}")
            training = [urlencode(link.params) for link in links if link.file == "pages/text.py"]
            took = await asyncio.gather(*(study(server, training[k % len(training)], 180 * minutes, errors) for k in range(count)))
            print(
                f"{count} trainings of {plan.TRAIN_SECONDS} s, workers: {workers}; the first was done after {min(took) / 60:.1f}, "
                f"the last after {max(took) / 60:.1f} of its {minutes} minutes; errors: {errors[:3]}", flush=True,
            )  # fmt: skip
            failed |= bool(errors) or max(took) > 60 * minutes
        log.unlink(missing_ok=True)
    return int(failed)


async def study(server: Server, query: str, at_most: float, errors: list[str]) -> float:
    """A student opens a link, presses "Train" and looks on. Returns the seconds until the training is over."""
    began = time.monotonic()
    visitor = Visitor(server.address, errors)
    await visitor.open(TRAINS, query)
    await visitor.set(visitor.button("Train").id, "trigger_value", True)
    while not visitor.ended and time.monotonic() - began < at_most:
        await asyncio.sleep(0.5)
    if not visitor.ended:
        errors.append(f"a training was not over after {at_most:.0f} s")
    took = time.monotonic() - began
    await visitor.leave()
    return took


# --- a class in a room ----------------------------------------------------------------------------------------------

ROOM_PAGE, ROOM_QUESTION = TRAINS, "predict_text_temperature"
ANSWERS_WITHIN = 5.0
MOVERS = 3  # every third moves sliders
_LINK = re.compile(r"[?&]room=([a-z]+-[a-z]+)&teacher=([\w-]+)")
_COUNTED, _BARS = re.compile(r"\*\*(\d+)\*\* of \d+ have answered"), re.compile('<tr class="right">')


async def in_a_room(repo: Path, count: int, plan: Plan) -> int:
    """`count` students answer one question within five seconds, and the teacher reveals it. Returns the exit code."""
    log = Path(tempfile.gettempdir()) / f"room-{os.getpid()}.log"
    with Server(repo, plan.options, log) as server:
        group = Class(server, count)
        await group.enter()
        await group.together(lambda visitor, k: visitor.open(ROOM_PAGE))
        alone: list[float] = []
        await asyncio.gather(*(move(one, k, plan.seconds, alone) for k, one in enumerate(group.visitors) if k % MOVERS == 0))
        teacher, query = await make_room(server, group.errors)
        await group.enter()
        await group.together(lambda visitor, k: visitor.open(ROOM_PAGE, query))
        teacher.look_for, teacher.found = _COUNTED, []
        answered, waiting = await answers(group, plan.seconds)
        counted = await until(lambda: len(counts_seen(teacher)) >= count)
        lags = [max(counts_seen(teacher).get(k, 0.0) - when, 0.0) for k, when in enumerate(sorted(answered), 1)] if counted else []
        for one in group.visitors:
            one.look_for, one.found = _BARS, []
        pressed = time.perf_counter()
        await teacher.touch(teacher.button("Reveal").id, "trigger_value", True)
        reached = await until(lambda: all(one.found for one in group.visitors))
        shown = [one.found[0][0] - pressed for one in group.visitors if one.found]
        rows = {
            "answer → its own page": times(group.took),
            "its page waits → the teacher's count": times(lags),
            "reveal → a student's bars": times(shown),
            "slider → last delta, no room": times(alone),
            "slider → last delta, in a room, while all answer and wait": times(waiting),
        }
        await group.go()
        await teacher.leave()
        group.errors += [] if counted and reached else [f"counted {len(counts_seen(teacher))}, shown to {len(shown)} of {count}"]
        print("\n".join(f"{label}: {found}" for label, found in rows.items()))
        print(f"errors: {group.errors[:5]}, tracebacks: {server.tracebacks()}, server {server.memory()['server']:.0f} MB")
        failed = bool(group.errors) or server.tracebacks() > 0
    log.unlink(missing_ok=True)
    return int(failed)


async def make_room(server: Server, errors: list[str]) -> tuple[Visitor, str]:
    """A teacher on the page of a new room, and the query with which students join it."""
    teacher = Visitor(server.address, errors)
    await teacher.open(HOME)
    teacher.look_for = _LINK
    await teacher.set(teacher.button("Make a room").id, "trigger_value", True)
    await until(lambda: bool(teacher.found))
    name, secret = teacher.found[-1][1].groups()
    await teacher.open("teach", urlencode({"room": name, "teacher": secret}))
    return teacher, urlencode({"room": name})


def counts_seen(teacher: Visitor) -> dict[int, float]:
    """When the teacher's page first told of at least so many answers."""
    first: dict[int, float] = {}
    for when, found in teacher.found:
        for number in range(1, int(found[1]) + 1):
            first.setdefault(number, when)
    return first


async def answers(group: Class, seconds: float) -> tuple[list[float], list[float]]:
    """All answer within five seconds, every third then moves sliders; when each page said that it waits, and the sliders' times."""
    moved: list[float] = []

    async def study(visitor: Visitor, k: int) -> float:
        await asyncio.sleep(ANSWERS_WITHIN * k / group.count)
        radio = visitor.widget(ROOM_QUESTION)
        group.took.append(await visitor.touch(radio.id, "string_value", radio.options[k % len(radio.options)]))
        given = time.perf_counter()
        if k % MOVERS == 0:
            await move(visitor, k, seconds, moved)
        return given

    return await group.together(study), moved


async def move(visitor: Visitor, k: int, seconds: float, moved: list[float]) -> None:
    """Move sliders of the page that is open; `moved` takes the seconds until each last delta."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(THINK * (0.75 + 0.5 * (k % 5) / 4))
        if sliders := visitor.sliders():
            moved.append(await slide(visitor, sliders[0], k + len(moved)))


async def until(there: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait until something is there; whether it came."""
    end = time.monotonic() + seconds
    while not there() and time.monotonic() < end:
        await asyncio.sleep(0.02)
    return there()


async def jobs_left(server: Server, errors: list[str]) -> int:
    """How many trainings Home still shows."""
    looker = Visitor(server.address, errors)
    await looker.open(HOME)
    trainings = looker.trainings
    await looker.leave()
    return trainings


# --- what comes out -------------------------------------------------------------------------------------------------


def table(runs: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table, a column a run."""

    def three(found: dict[str, float] | None) -> str:
        return "–" if found is None else f"{found['p50']:.0f} / {found['p95']:.0f} / {found['max']:.0f}"

    rows: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("slider → last delta, nobody trains", lambda run: three(run["slider"])),
        ("slider → last delta, some train", lambda run: three(run["slider, while some train"])),
        ("page open, nobody trains", lambda run: three(run["page open"])),
        ("page open, some train", lambda run: three(run["page open, while some train"])),
        ("click → first loss", lambda run: three(run["click to first loss"])),
        ("reload", lambda run: three(run["reload"])),
        ("come back", lambda run: three(run["come back"])),
    ]
    rows += [
        (f"all open {page} within a second", lambda run, page=page: three(run["stampede"].get(page)))
        for page in dict.fromkeys(page for run in runs for page in run["stampede"])
    ]
    rows += [
        ("updates a second of a live chart", lambda run: f"{run['updates a second']}"),
        ("server's memory: warm, busy, training, after (MB)", lambda run: " / ".join(f"{part['server']:.0f}" for part in _parts(run))),
        ("all processes' memory, the same (MB)", lambda run: " / ".join(f"{part['all']:.0f}" for part in _parts(run))),
        ("memory a visitor, on the page that takes most (MB)", lambda run: f"{max(run['memory a visitor'].values()):.1f}"),
        ("trainings left behind", lambda run: str(run["jobs left behind"])),
        ("errors, tracebacks", lambda run: f"{run['error count']}, {run['tracebacks']}"),
    ]
    head = ["ms: p50 / p95 / max", *(f"{run['visitors']} on {run['version']}" for run in runs)]
    lines = [head, ["---"] * len(head), *([label, *(cell(run) for run in runs)] for label, cell in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _parts(run: dict[str, Any]) -> list[dict[str, float]]:
    memory = run["memory"]
    return [memory["warm"], memory["busy"], memory["training"], *(part for _, part in memory["after"][-1:])]


if __name__ == "__main__":
    sys.exit(main())
