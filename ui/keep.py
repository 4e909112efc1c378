"""What is kept between two runs: for one visitor what they made, for everybody what ships or follows from what ships.

    reading = of_session("topics reading", (model.key, text), lambda: model.read(text))
    model = of_all("text model", "shipped", lambda: describe(load_model(file)))

`of_session` is private and bounded: in number here, in memory by `make_room`, which lets the oldest go. `of_all` is computed
once a server, by whoever comes first: others who come meanwhile wait for that computation instead of beginning their own.
What it gives belongs to nobody and is never written to, so its arrays are set read-only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from jobs.limits import visitor_setting
from jobs.sizes import held_bytes
from lstm import Sequential

T = TypeVar("T")

LIGHT = 50_000
"""Bytes; what is lighter is not worth letting go."""
_brought: dict[str, str] = {}
"""What a page calls the visitor's own that stands under a key of the session."""

SHARED = 500
"""Most values that are kept for everybody; what was kept first goes first."""


def table(name: str) -> dict[Hashable, Any]:
    """This visitor's table of that name, empty at first. Whoever fills it bounds it; see `remember`."""
    if f"_kept {name}" not in st.session_state:
        st.session_state[f"_kept {name}"] = {}
        st.session_state.setdefault("_kept_names", []).append(name)
    return st.session_state[f"_kept {name}"]


def brought(key: str, words: str) -> str:
    """Name what a visitor brings, which a page keeps under `key` of the session: where it has to go, that is said so."""
    _brought[key] = words
    return key


def make_room(most: int | None = None) -> list[str]:
    """Let what this visitor has held longest go until the rest finds room; return what a page has to say is gone.

    What follows from something else is computed again when it is asked for, and nothing needs to be said of it. Called
    once in a run of a page, at its beginning.

    Parameters
    ----------
    most : bytes; by default the server's limit
    """
    state = st.session_state
    before: dict[Hashable, tuple[int, int]] = state.get("_kept_sizes", {})  # oldest first: which object, how many bytes
    places = {("", key): state[key] for key in _brought if key in state}
    for name in state.get("_kept_names", ()):
        places |= {(name, key): value for key, value in table(name).items()}
    sizes = {place: known for place, known in before.items() if place in places and known[0] == id(places[place])}
    for place, value in places.items():
        if place not in sizes:
            sizes[place] = (id(value), held_bytes(value))
    left, said = sum(size for _, size in sizes.values()), []
    most = visitor_setting() if most is None else most
    for (name, key), (_, size) in list(sizes.items())[:-1]:
        if left <= most:
            break
        if size < LIGHT:
            continue
        left -= size
        del sizes[name, key]
        if name:
            table(name).pop(key)
        else:
            del state[key]
            said.append(_brought[key])
    state["_kept_sizes"] = sizes
    return said


def remember(name: str, key: Hashable, value: Any, most: int = 1) -> None:
    """Keep a value for this visitor; of each `name` the newest `most` are kept."""
    kept = table(name)
    kept.pop(key, None)
    while len(kept) >= most:
        kept.pop(next(iter(kept)))
    kept[key] = value


def of_session(name: str, key: Hashable, make: Callable[[], T], most: int = 1) -> T:
    """What `make` gives for this `key`, computed once while it is among the newest `most` of that `name`."""
    kept = table(name)
    if key not in kept:
        remember(name, key, make(), most)
    return kept[key]


def of_session_or_problem(name: str, key: Hashable, make: Callable[[], T]) -> T:
    """`of_session` of what may be refused: a ValueError is kept too, and raised again every time."""

    def attempt() -> T | ValueError:
        try:
            return make()
        except ValueError as problem:
            return problem

    found = of_session(name, key, attempt)
    if isinstance(found, ValueError):
        raise ValueError(str(found))
    return found


def of_all(name: str, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives for this `key`, computed once for the whole server.

    Nothing of a visitor's may go into it: neither into `key` nor into what `make` looks at. An exception is not kept.
    """
    return _shared(name, repr(key), make)


def forget_all() -> None:
    """Forget what is kept for everybody. For tests."""
    _shared.clear()


@st.cache_resource(show_spinner=False, max_entries=SHARED)
def _shared(name: str, key: str, _make: Callable[[], Any]) -> Any:
    value = _make()
    read_only(value)
    return value


def read_only(value: Any) -> None:
    """Forbid writing to every array in a value: in mappings, sequences, dataclasses and the weights of a network."""
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif isinstance(value, Mapping):
        for one in value.values():
            read_only(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            read_only(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            read_only(getattr(value, field.name))
    elif isinstance(value, Sequential):
        read_only([value.weights_vector, value.gradient_vector])
        for layer in value.layers:
            _weights_read_only(layer)


def _weights_read_only(layer: Any) -> None:
    read_only(layer.params)
    for inner in getattr(layer, "directions", {}).values():  # both ways of a `Bidirectional`
        read_only(inner.params)
