"""The controls of a training, shared by the lessons: what each is called, what it explains, what its address says.

A `Controls` belongs to one lesson. Every value survives a visit to another page, stands in the page's address
(`?text_units=64`), and can be set by a preset. Numbers are not fenced in: what an experiment refuses, it refuses with a
sentence, which the page shows where the reader looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

SAY: dict[str, Mapping[Any, str]] = {
    "optimizer": {"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam"},
    "decay": {"none": "stays", "linear": "falls in a line", "cosine": "falls in a cosine"},
    "clip": {"norm": "all together, by their norm", "value": "each by itself", "none": "not at all"},
}
"""What a menu, and so the address, calls a value."""


_LINK = "set"


class Controls:
    """Widgets of one lesson, one for each name in `defaults`.

    Parameters
    ----------
    lesson : prefix of the keys, so that two lessons may both have "units"
    defaults : the lesson's values before anybody touches anything
    say : for each menu of the lesson's own what it calls its values; see `SAY`
    """

    def __init__(
        self, lesson: str, defaults: Mapping[str, Any], say: Mapping[str, Mapping[Any, str]] | None = None
    ) -> None:
        self.lesson, self.defaults, self._say = lesson, dict(defaults), {**SAY, **(say or {})}

    def key(self, name: str) -> str:
        """The widget's key, and its name in the address."""
        return f"{self.lesson}_{name}"

    def __getitem__(self, name: str) -> Any:
        return st.session_state.get(self.key(name), self.defaults[name])

    def values(self) -> dict[str, Any]:
        """Every value as it stands."""
        return {name: self[name] for name in self.defaults}

    def set(self, values: Mapping[str, Any]) -> None:
        """Set all controls: to `values`, or to the default. For callbacks, before the widgets are drawn."""
        for name, default in self.defaults.items():
            st.session_state[self.key(name)] = values.get(name, default)

    def put(self, name: str, value: Any) -> None:
        """Set one control. For callbacks."""
        st.session_state[self.key(name)] = value

    def link(self, **values: Any) -> dict[str, str]:
        """The query parameters that set some controls, and all others to their defaults; see `follow_link`."""
        return {_LINK: self.lesson} | {self.key(name): self._word(name, value) for name, value in values.items()}

    def follow_link(self) -> bool:
        """Call it before the controls are drawn: True in the run in which the reader followed a `link`.

        Streamlit sets what the address names and lets the rest stand as it was; a link means the rest to be as at first.
        """
        if st.query_params.get(_LINK) != self.lesson:
            return False
        del st.query_params[_LINK]
        for name, default in self.defaults.items():
            if self.key(name) not in st.query_params:
                st.session_state[self.key(name)] = default
        return True

    def _word(self, name: str, value: Any) -> str:
        return self._say.get(name, {}).get(value) or (f"{value:g}" if isinstance(value, float) else str(value))

    def _shared(self, name: str, help: str | None) -> dict[str, Any]:
        return {"key": self.key(name), "help": help, "bind": "query-params", "persist_state": "session"}

    def whole(self, name: str, label: str, help: str | None = None, step: int = 1) -> int:
        """A whole number."""
        return st.number_input(label, value=int(self.defaults[name]), step=step, **self._shared(name, help))

    def number(self, name: str, label: str, help: str | None = None, step: float = 0.001, format: str = "%g") -> float:
        """A number."""
        return st.number_input(
            label, value=float(self.defaults[name]), step=step, format=format, **self._shared(name, help)
        )

    def choice(self, name: str, label: str, options: Sequence[Any] | None = None, help: str | None = None) -> Any:
        """One of several, in a menu; of all that `say` has a word for, if `options` is left out."""
        options = list(self._say[name] if options is None else options)
        start = options.index(self.defaults[name])
        say = lambda value: self._word(name, value)  # noqa: E731
        return st.selectbox(label, options, index=start, format_func=say, **self._shared(name, help))

    def stops(self, name: str, label: str, options: Sequence[Any], help: str | None = None) -> Any:
        """One of several in an order, on a slider."""
        say = lambda value: self._word(name, value)  # noqa: E731
        return st.select_slider(label, options, value=self.defaults[name], format_func=say, **self._shared(name, help))

    def slider(
        self,
        name: str,
        label: str,
        low: float,
        high: float,
        step: float,
        help: str | None = None,
        format: str | None = None,
    ) -> float:
        """A number within bounds that everybody can see."""
        return st.slider(label, low, high, self.defaults[name], step, format=format, **self._shared(name, help))

    def switch(self, name: str, label: str, help: str | None = None) -> bool:
        """On or off."""
        return st.toggle(label, value=self.defaults[name], **self._shared(name, help))

    # What several lessons ask in the same words

    def optimizer(self) -> None:
        """optimizer, learning_rate, decay."""
        self.choice(
            "optimizer",
            "Optimizer",
            help="How a gradient becomes a step. Adam and Adagrad give every weight a pace of its own.",
        )
        self.number(
            "learning_rate",
            "Learning rate",
            "How large the steps are. Too large, and the loss jumps or becomes infinite.",
        )
        self.choice("decay", "Over the training the rate")

    def clipping(self) -> None:
        """clip, clip_at."""
        self.choice("clip", "Clip gradients", help="Cuts rare huge gradients, which would throw the weights away.")
        self.number("clip_at", "Clip at", step=0.1)

    def seed(self) -> None:
        """seed."""
        self.whole("seed", "Seed", "The same seed and steps give the same weights, bit for bit.")

    def seconds(self, stops: Sequence[int] = (10, 20, 30, 60, 120, 180, 300, 600)) -> None:
        """seconds."""
        self.stops(
            "seconds", "Train for (seconds)", stops, "The budget. Stop whenever you like; what was learnt is kept."
        )


def preset_picker(
    controls: Controls,
    presets: Mapping[str, Mapping[str, Any]],
    label: str = "Preset",
    then: Callable[[str], None] | None = None,
) -> str | None:
    """Presets by name, a click each; the one the controls now stand at is marked. Returns its name.

    Parameters
    ----------
    presets : for each name the values that differ from the defaults
    then : called with the name after the controls were set
    """
    key = controls.key("preset_pills")
    now = controls.values()
    st.session_state[key] = next(
        (name for name, values in presets.items() if {**controls.defaults, **values} == now), None
    )

    def load() -> None:
        if name := st.session_state[key]:
            controls.set(presets[name])
            if then is not None:
                then(name)

    return st.pills(label, list(presets), key=key, on_change=load)
