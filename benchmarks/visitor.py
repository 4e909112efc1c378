"""A visitor without a browser: speaks the protocol between Streamlit's page and its server, and takes the times.

A page opens with a WebSocket and the message that asks for a run. The server answers with deltas, which bring the widgets
and their ids, and a run ends with `script_finished`. A fragment that moves by itself comes with `auto_rerun`: the visitor
then asks for it again and again, as a browser does.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

COOKIE = "lstm_lab_session"
PATIENCE = 120.0  # seconds until an answer counts as an error
_SAYS = {"markdown": "body", "html": "body", "code": "code_text"}
_ENDED = ("Finished", "Stopped", "Failed")
_STEP = re.compile(r"^(?:Step|Finished at step|Stopped at step) ([\d,]+)")


@dataclass
class Visitor:
    """One tab of one browser.

    Parameters
    ----------
    address : host:port of the server
    errors : where what went wrong is noted, a line each
    """

    address: str
    errors: list[str]
    cookie: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.page, self.session, self._hash, self._query = "", "", "", ""
        self.widgets: dict[str, Any] = {}  # of the page, by id: the element's own message
        self.values: dict[str, Any] = {}  # that this visitor has set, by id: field of WidgetState and value
        self.steps: list[tuple[float, int]] = []  # when the page showed which step of a training
        self.title = ""  # of the page that is shown
        self.ended = False  # whether a page has shown a training that is over
        self.trainings = 0  # bars of progress that the page has shown
        self.look_for: re.Pattern[str] | None = None  # in what the page says
        self.found: list[tuple[float, re.Match[str]]] = []  # when it said so
        self._socket: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._fragments: dict[str, asyncio.Task[None]] = {}
        self._whole: tuple[float, asyncio.Future[float], str] | None = None  # since when, its end, and the fragment if it is one
        self._stands_in: dict[str, str] = {}  # fragments by their widgets
        self._last_delta = 0.0

    async def open(self, page: str, query: str = "", again: bool = False) -> float:
        """Open a page, in the same session with `again`; return the seconds until its last delta."""
        await self.leave()
        began = time.perf_counter()
        self.page, self._query = page, query
        self.widgets, self.values, self.steps, self._hash = {}, {}, [], ""
        protocols = ["streamlit", *(["-", self.session] if again and self.session else [])]
        try:
            self._socket = await connect(
                f"ws://{self.address}/_stcore/stream", subprotocols=protocols, origin=f"http://{self.address}",
                additional_headers={"Cookie": f"{COOKIE}={self.cookie}"}, max_size=None, open_timeout=PATIENCE,
                ping_interval=None, compression=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake, TimeoutError) as problem:
            self.errors.append(f"{page or 'Home'} was not opened: {type(problem).__name__}")
            raise
        self._start(self._listen(self._socket))
        return await self._run(began=began)

    async def set(self, widget: str, kind: str, value: Any) -> float:
        """Move a widget; return the seconds until the last delta of the run that follows."""
        if not kind.endswith("trigger_value"):
            self.values[widget] = (kind, value)
        return await self._run(extra=(widget, kind, value))

    async def touch(self, widget: str, kind: str, value: Any) -> float:
        """The same as a browser does it: of a widget in a fragment, the fragment alone runs."""
        if not kind.endswith("trigger_value"):
            self.values[widget] = (kind, value)
        return await self._run(extra=(widget, kind, value), fragment=self._stands_in.get(widget, ""))

    async def leave(self, politely: bool = True) -> None:
        """Close the tab; without `politely` the connection just breaks."""
        socket, self._socket = self._socket, None
        for task in self._tasks:
            task.cancel()
        self._tasks, self._fragments = set(), {}
        if socket is None:
            return
        if politely:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(socket.close(), 5)
        else:
            socket.transport.abort()

    def sliders(self) -> list[Any]:
        """The sliders of the page that a hand could move and that run it."""
        return [
            one for kind, one in self.widgets.values()
            if kind == "slider" and not one.disabled and not one.ignore_rerun and one.max > one.min and not one.options
        ]  # fmt: skip

    def widget(self, key: str) -> Any | None:
        """The page's widget with that key."""
        return next((one for name, (_, one) in self.widgets.items() if name.endswith(f"-{key}")), None)

    def button(self, label: str) -> Any | None:
        """The page's button of that label that can be pressed."""
        found = (one for kind, one in self.widgets.values() if kind == "button" and one.label == label)
        return next((one for one in found if not one.disabled), None)

    # The protocol

    async def _run(self, extra: Any = None, began: float | None = None, fragment: str = "") -> float:
        done = asyncio.get_running_loop().create_future()
        began = self._last_delta = time.perf_counter() if began is None else began
        self._whole = (began, done, fragment)
        await self._ask(extra=extra, fragment=fragment, by_itself=False)
        try:
            return await asyncio.wait_for(done, PATIENCE)
        except (TimeoutError, ConnectionClosed) as problem:
            self.errors.append(f"{self.page or 'Home'} did not answer: {type(problem).__name__}")
            raise

    async def _ask(self, extra: Any = None, fragment: str = "", by_itself: bool = True) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.page_script_hash, state.query_string = self.page, self._hash, self._query
        state.context_info.timezone, state.context_info.locale = "UTC", "en"
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, by_itself
        for widget, (kind, value) in self.values.items():
            _put(state.widget_states.widgets.add(id=widget), kind, value)
        if extra is not None and extra[0] not in self.values:
            _put(state.widget_states.widgets.add(id=extra[0]), *extra[1:])
        await self._socket.send(message.SerializeToString())

    async def _listen(self, socket: Any) -> None:
        try:
            async for data in socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self._take(message)
        except ConnectionClosed as problem:
            if self._socket is socket and self._whole is not None and not self._whole[1].done():
                self._whole[1].set_exception(problem)

    def _take(self, message: ForwardMsg) -> None:
        kind, now = message.WhichOneof("type"), time.perf_counter()
        parts = message.metadata.run.fragment_ids
        fragment = bool(parts)
        awaited = self._whole is not None and (self._whole[2] in parts or not fragment)  # a fragment may ask for the whole page
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
            if not fragment:
                for task in self._fragments.values():
                    task.cancel()
                self._fragments = {}
                self.widgets = {}
        elif kind == "delta":
            if not fragment:
                self._last_delta = now
            if message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta.new_element, now, message.delta.fragment_id)
        elif kind == "auto_rerun":
            one = message.auto_rerun
            if one.fragment_id not in self._fragments:
                self._fragments[one.fragment_id] = self._start(self._repeat(one.fragment_id, one.interval))
        elif kind == "stop_auto_rerun":
            for name in message.stop_auto_rerun.fragment_ids:
                if task := self._fragments.pop(name, None):
                    task.cancel()
        elif kind == "navigation":  # and not that of `new_session`, which is the main page's until the page is known
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":  # the address changes with the page's controls
            self._query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            self.errors.append(f"{self.page} is no page")
        elif kind == "script_finished" and awaited:
            began, done, _ = self._whole
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.errors.append(f"{self.page}: compile error")
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN and not done.done():
                done.set_result((now if self._whole[2] else self._last_delta) - began)

    def _element(self, element: Any, now: float, fragment: str) -> None:
        kind = element.WhichOneof("type")
        one = getattr(element, kind)
        if self.look_for is not None and kind in _SAYS and (found := self.look_for.search(getattr(one, _SAYS[kind]))):
            self.found.append((now, found))
        if kind == "exception":
            self.errors.append(f"{self.page or 'Home'}: {one.type} {one.message[:80]}")
        elif kind == "heading" and one.tag == "h1":
            self.title = one.body
        elif kind == "progress":
            self.trainings += 1
            self.ended = self.ended or one.text.startswith(_ENDED)
            if found := _STEP.match(one.text):
                self.steps.append((now, int(found[1].replace(",", ""))))
        elif getattr(one, "id", ""):
            self.widgets[one.id] = (kind, one)
            self._stands_in[one.id] = fragment

    async def _repeat(self, fragment: str, interval: float) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self._ask(fragment=fragment)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _put(state: Any, kind: str, value: Any) -> None:
    if kind == "double_array_value":
        state.double_array_value.data.append(value)
    else:
        setattr(state, kind, value)
