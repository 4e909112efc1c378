"""The controls of a lesson: what each is called, what it explains, what its address says.

Every value survives a visit to another page, stands in the page's address (`?text_units=64`), and can be set by a link or a
preset. Numbers are not fenced in: what an experiment refuses, it refuses with a sentence, which the page shows where the
reader looks. What no control can hold (`inf`, a word for a number, a choice that does not exist) is taken out of the
address before the control is made, and named at the top of the page (`address_problems`).

A lesson that trains has a `LessonControls`: everything about a setting comes from its description in the experiment's
dataclass (`lstm.lessons.settings`), and the page says which settings it draws, in which order:

    controls = LessonControls("digits", Digits, ("units", "batch", "seconds", "epochs", …))

    controls.draw("units", "batch")           # widgets, one below the other
    controls.draw("dropout", quiet=True)      # read when "Train" is pressed; changing it does not run the page
    controls.draw_budget()                    # seconds or epochs, as the control "budget" says
    config = controls.config()                # ValueError as the experiment raises it
    controls.presets(PRESETS)                 # by name, a click each; the first goes back to the defaults
    controls.take_over(job.config)            # the settings of a training that is found again
    controls.preset_of(job.config, PRESETS)   # the name of the preset that an experiment is, or None

What a page decides itself and no experiment has (whose file, which series) are `own` values of it. `Controls` alone is for
widgets that belong to no experiment, such as those of a picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lstm.lessons.presets import Preset
from lstm.lessons.settings import Setting, settings
from ui.plain import plain
from ui.room import here

_LINK, _LINKED = "set", "_link_followed"
_NEW_PROBLEMS, _PROBLEMS = "_address_problems_new", "_address_problems"
_LARGEST = 2**53 - 1
"""The largest whole number that a browser can tell from its neighbours."""


def address_problems(title: str) -> None:
    """Say what was taken out of the address, at the top of the page called `title`, as long as the address stays so."""
    if new := st.session_state.pop(_NEW_PROBLEMS, None):
        st.session_state[_PROBLEMS] = (title, st.query_params.to_dict(), new)
    page, address, said = st.session_state.get(_PROBLEMS, ("", {}, []))
    if page == title and address == st.query_params.to_dict():
        st.warning(" ".join(said), icon=":material/link_off:")
    else:
        st.session_state.pop(_PROBLEMS, None)


def _is_number(text: str, whole: bool) -> bool:
    """Whether a number input can be set to `text`."""
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and (not whole or (value.is_integer() and abs(value) <= _LARGEST))


class Controls:
    """Widgets of one lesson, one for each name in `defaults`.

    Parameters
    ----------
    lesson : prefix of the keys, so that two lessons may both have "units"
    defaults : the lesson's values before anybody touches anything
    say : for each menu what it, and so the address, calls its values
    """

    def __init__(
        self, lesson: str, defaults: Mapping[str, Any], say: Mapping[str, Mapping[Any, str]] | None = None
    ) -> None:
        self.lesson, self.defaults, self._say = lesson, dict(defaults), dict(say or {})

    def key(self, name: str) -> str:
        """The widget's key, and its name in the address."""
        return f"{self.lesson}_{name}"

    def __getitem__(self, name: str) -> Any:
        return st.session_state.get(self.key(name), self.defaults[name])

    def values(self) -> dict[str, Any]:
        """Every value as it stands."""
        return {name: self[name] for name in self.defaults}

    def _settled(self) -> dict[str, Any]:
        """The values as far as they matter."""
        return self.values()

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

    def follow_link(self) -> dict[str, str] | None:
        """Call it before the controls are drawn: in the run in which a `link`, or a teacher's call, was followed, what it changes.

        That is the new word of each control that stood elsewhere, by the control's label; None in every other run.
        Streamlit sets what the address names and lets the rest stand as it was; a link means the rest to be as at first.
        """
        named = st.query_params.get(_LINK) == self.lesson
        if not named and not here.everything_is_set():
            return None
        st.query_params.pop(_LINK, None)
        changed, words = {}, {}
        for name, default in self.defaults.items():
            new = st.query_params.get(self.key(name), self._word(name, default))
            words[name] = new
            if new != self._word(name, self[name]):
                changed[self._label(name)] = new
            if self.key(name) in st.query_params:
                named = True
            else:
                st.session_state[self.key(name)] = default
        if named:
            st.session_state[_LINKED] = (self.lesson, words)
        return changed if named or changed else None  # of several on one page, a call need not name all

    def linked(self) -> dict[str, str] | None:
        """What the link that was followed last sets apart from the defaults, by label; None if it was not to this lesson."""
        lesson, words = st.session_state.get(_LINKED, ("", {}))
        if lesson != self.lesson:
            return None
        return {self._label(name): word for name, word in words.items() if word != self._word(name, self.defaults[name])}

    def as_linked(self) -> bool:
        """Whether the controls still stand as that link set them. Not to be asked in the run in which it is followed."""
        _, words = st.session_state.get(_LINKED, ("", {}))
        return all(self._word(name, self[name]) == word for name, word in words.items())

    def _word(self, name: str, value: Any) -> str:
        return self._say.get(name, {}).get(value) or (f"{value:g}" if isinstance(value, float) else str(value))

    def _label(self, name: str) -> str:
        """What a control is called where it is not drawn."""
        return name.replace("_", " ").capitalize()

    def _was(self, name: str) -> Mapping[str, Any]:
        """Words that the address had for a menu's values once."""
        return {}

    def _shared(
        self,
        name: str,
        label: str,
        help: str | None,
        quiet: bool,
        options: Sequence[Any] = (),
        bounds: tuple[float, float] | None = None,
    ) -> dict[str, Any]:
        """What every widget is made with, after its word in the address has been looked at."""
        self._mend_address(name, label, options, bounds)
        on_change = "ignore" if quiet else "rerun"
        return {
            "label": label, "key": self.key(name), "help": help, "on_change": on_change,
            "bind": "query-params", "persist_state": "session",
        }  # fmt: skip

    def _mend_address(
        self, name: str, label: str, options: Sequence[Any], bounds: tuple[float, float] | None = None
    ) -> None:
        """Take what no widget can hold out of the address, put today's word for one of earlier, and run again."""
        key = self.key(name)
        if key not in st.query_params:
            return
        found, problem = st.query_params[key], ""
        today: str | None = found
        if options:
            words = [self._word(name, value) for value in options]
            if found not in words:
                today = self._word(name, self._was(name)[found]) if found in self._was(name) else None
                problem = f"not one of {', '.join(words)}"
        elif isinstance(self.defaults[name], bool):
            if found.lower() not in ("true", "false"):
                today, problem = None, "neither true nor false"
        elif not _is_number(found, isinstance(self.defaults[name], int)):
            today, problem = None, "not a number that can be set"
        elif bounds is not None and not bounds[0] <= float(found) <= bounds[1]:
            today, problem = None, f"not from {bounds[0]:g} to {bounds[1]:g}"
        if today == found:
            return
        said = []
        try:
            if today is None:
                del st.query_params[key]
                said = [f"The address gives {plain(label)} as “{plain(found[:40])}”, which is {plain(problem)}: it was left out."]
            else:
                st.query_params[key] = today
        except StreamlitAPIException:  # a widget that stood here before owns the word, and puts it right itself
            return
        earlier = st.session_state.pop(_PROBLEMS, ("", {}, []))[2]  # of the same address: each takes a run of its own
        if earlier or said:
            st.session_state[_NEW_PROBLEMS] = [*earlier, *said]
        st.rerun()

    def whole(self, name: str, label: str, help: str | None = None, step: int = 1, quiet: bool = False) -> int:
        """A whole number."""
        return st.number_input(value=int(self.defaults[name]), step=step, **self._shared(name, label, help, quiet))

    def number(
        self,
        name: str,
        label: str,
        help: str | None = None,
        step: float = 0.001,
        format: str = "%g",
        quiet: bool = False,
    ) -> float:
        """A number."""
        return st.number_input(
            value=float(self.defaults[name]), step=step, format=format, **self._shared(name, label, help, quiet)
        )

    def choice(
        self, name: str, label: str, options: Sequence[Any] | None = None, help: str | None = None, quiet: bool = False
    ) -> Any:
        """One of several, in a menu; of all that `say` has a word for, if `options` is left out."""
        options = list(self._say[name] if options is None else options)
        first = options.index(self.defaults[name]) if self.defaults[name] in options else 0
        return st.selectbox(
            options=options, index=first, format_func=lambda value: self._word(name, value),
            **self._shared(name, label, help, quiet, options),
        )  # fmt: skip

    def segments(
        self, name: str, label: str, options: Sequence[str], help: str | None = None, pills: bool = False, **look: Any
    ) -> str:
        """One of several, all in sight: side by side, or as pills. `look` is how Streamlit shall draw them."""
        shared, first = self._shared(name, label, help, False, options), self.defaults[name]
        first = first if first in options else options[0]
        draw = st.pills if pills else st.segmented_control
        default = None if self.key(name) in st.session_state else first
        return draw(options=options, default=default, required=True, **shared, **look) or first

    def stops(self, name: str, label: str, options: Sequence[Any], help: str | None = None, quiet: bool = False) -> Any:
        """One of several in an order, on a slider."""
        return st.select_slider(
            options=options, value=self.defaults[name], format_func=lambda value: self._word(name, value),
            **self._shared(name, label, help, quiet, options),
        )  # fmt: skip

    def slider(
        self,
        name: str,
        label: str,
        low: float,
        high: float,
        step: float,
        help: str | None = None,
        format: str | None = None,
        quiet: bool = False,
    ) -> float:
        """A number within bounds that everybody can see."""
        return st.slider(
            min_value=low, max_value=high, value=self.defaults[name], step=step, format=format,
            **self._shared(name, label, help, quiet, bounds=(low, high)),
        )  # fmt: skip

    def switch(self, name: str, label: str, help: str | None = None, quiet: bool = False) -> bool:
        """On or off."""
        return st.toggle(value=self.defaults[name], **self._shared(name, label, help, quiet))


OWN = "The lab's own"
_BUDGET = Setting(
    "time", "Budget", name="budget", choices=("time", "epochs"), labels={"time": "in time", "epochs": "in epochs"},
    was={"in passes over the digits": "epochs", "in passes over the text": "epochs"},
)  # fmt: skip


class LessonControls(Controls):
    """The widgets of an experiment's settings; see the top of this file.

    Parameters
    ----------
    lesson : prefix of the keys and of the words in the address
    config : the experiment's dataclass
    names : the settings that the page draws. With both "seconds" and "epochs" among them there is a control "budget" that
        says which of the two counts
    start : defaults of this page that are not the experiment's; the page says why
    own : values of the page's that are no settings, with their defaults; drawn by the page with `whole`, `choice` …
    say : for each menu of `own` what it calls its values
    """

    def __init__(
        self,
        lesson: str,
        config: type,
        names: Sequence[str],
        start: Mapping[str, Any] | None = None,
        own: Mapping[str, Any] | None = None,
        say: Mapping[str, Mapping[Any, str]] | None = None,
    ) -> None:
        known = settings(config)
        self.experiment, self.names = config, tuple(names)
        self.settings = {name: known[name] for name in names}
        self._either = "seconds" in names and "epochs" in names
        first = {name: setting.default for name, setting in self.settings.items()} | dict(start or {})
        labels = {name: setting.labels for name, setting in self.settings.items() if setting.labels}
        super().__init__(lesson, {}, {**labels, "budget": _BUDGET.labels, **(say or {})})
        self.defaults = {**self._shown(first), **(own or {})}

    # From an experiment to values and back

    def config(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """The experiment that the controls describe, or `values`. `more` are fields without a control.

        Raises ValueError as the experiment does; a setting is named as the page names it.
        """
        try:
            found = self.experiment(**self._fields(self.values() if values is None else values), **more)
        except ValueError as problem:
            if not st.session_state.get(self._refused, False):
                st.session_state[self._refused] = True
                if st.session_state.pop(self._waits, False):
                    st.rerun()  # so that quiet widgets run the page when they are put right
            name, rest = (*str(problem).split(" must be ", 1), "")[:2]
            if rest and name in self.settings:
                raise ValueError(f"{self.settings[name].label} must be {rest}") from problem
            raise
        st.session_state[self._refused] = False
        return found

    def first(self) -> Any:
        """The experiment that the controls describe before anybody touches them."""
        return self.experiment(**self._fields(self.defaults))

    def values_of(self, config: Any) -> dict[str, Any]:
        """The values at which the controls describe this experiment, as far as the page can say it."""
        return self._shown({name: getattr(config, name) for name in self.names})

    def take_over(self, config: Any) -> None:
        """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
        if not any(self.key(name) in st.query_params for name in self.defaults):
            self.set(self.values_of(config))

    def same(self, one: Any, other: Any) -> bool:
        """Whether two experiments are the same as far as this page's settings go."""
        return self.values_of(one) == self.values_of(other)

    def preset_of(self, config: Any, presets: Mapping[str, Preset]) -> str | None:
        """The preset that an experiment is, if any."""
        return next((name for name, preset in presets.items() if self.same(preset.config, config)), None)

    def preset_standing(self, presets: Mapping[str, Preset]) -> str | None:
        """The preset that the controls stand at, if any."""
        now = self._settled()
        return next(
            (name for name, one in presets.items() if {**self.defaults, **self.values_of(one.config)} == now), None
        )

    def preset_on_show(self, config: Any | None, presets: Mapping[str, Preset]) -> str | None:
        """The preset that `config`, the training on show, was started from, or else the one the controls stand at."""
        return (self.preset_of(config, presets) if config is not None else None) or self.preset_standing(presets)

    def changed(self) -> list[str]:
        """What differs from the defaults: "Units 16", "Output after the last time step only"."""
        now = self._settled()
        return [
            f"{self._setting(name).label} {self._word(name, now[name])}"
            for name in self.defaults
            if (name in self.settings or name == "budget") and now[name] != self.defaults[name]
        ]

    def _shown(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as controls show them: a number that may be left out is 0, of two budgets the other one is as at first."""
        values = {}
        for name, value in fields.items():
            setting = self.settings[name]
            if value is None:
                value = 0 if setting.none else setting.start
            values[name] = float(value) if setting.kind is float and not setting.stops else value
        if self._either:
            values["budget"] = "epochs" if fields["seconds"] is None else "time"
        return values

    def _fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The other way round."""
        fields = {name: values[name] for name in self.names}
        fields |= {name: None for name in self.names if self.settings[name].none and fields[name] == 0}
        if self._either:
            fields["seconds" if values["budget"] == "epochs" else "epochs"] = None
        return fields

    def _settled(self) -> dict[str, Any]:
        """The values as they stand, without the budget that does not count."""
        values = self.values()
        return {**values, **self._shown(self._fields(values))}

    # Widgets

    def draw(self, *names: str, quiet: bool = False) -> None:
        """A widget for each setting, in this order.

        quiet : a change waits in the browser until something else runs the page, "Train" above all. For settings that
            nothing else on the page depends on. While the experiment refuses the settings, every change runs the page.
        """
        quiet = quiet and not st.session_state.get(self._refused, False)
        if quiet:
            st.session_state[self._waits] = True
        for name in names:
            one = self._setting(name)
            if one.choices:
                self.choice(name, one.label, None if one.labels else one.choices, _help(one), quiet=quiet)
            elif one.stops:
                self.stops(name, one.label, one.stops, _help(one), quiet=quiet)
            elif one.kind is bool:
                self.switch(name, one.label, _help(one), quiet=quiet)
            elif one.kind is int:
                self.whole(name, one.label, _help(one), step=int(one.step or 1), quiet=quiet)
            else:
                self.number(name, one.label, _help(one), step=float(one.step or 0.001), quiet=quiet)

    def draw_budget(self) -> None:
        """How long to train: seconds or epochs."""
        self.draw("epochs" if self["budget"] == "epochs" else "seconds")

    def presets(self, presets: Mapping[str, Preset], then: Callable[[str], None] | None = None) -> str | None:
        """The presets, a click each; the name of the one that is set. The first goes back to the defaults.

        then : called with the name after the controls were set
        """
        values = {name: self.values_of(preset.config) for name, preset in presets.items()}
        if not any({**self.defaults, **one} == self.defaults for one in values.values()):
            values = {OWN: {}, **values}
        found = preset_picker(self, values, "Start from", then)
        if changed := self.changed():
            st.caption(f"Changed: {plain(', '.join(changed))}.")
        return found

    @property
    def _refused(self) -> str:
        return f"_{self.lesson}_refused"

    @property
    def _waits(self) -> str:
        return f"_{self.lesson}_quiet"

    def _setting(self, name: str) -> Setting:
        return _BUDGET if name == "budget" else self.settings[name]

    def _word(self, name: str, value: Any) -> str:
        setting = self.settings.get(name)
        return super()._word(name, value) if setting is None or setting.labels else setting.word(value)

    def _label(self, name: str) -> str:
        return self._setting(name).label if name in self.settings or name == "budget" else super()._label(name)

    def _was(self, name: str) -> Mapping[str, Any]:
        return self._setting(name).was if name in self.settings or name == "budget" else {}


def _help(setting: Setting) -> str | None:
    """What the question mark beside a widget says."""
    parts = [setting.help, f"0 {setting.none}." if setting.none else "", setting.range]
    return " ".join(part for part in parts if part) or None


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
    now = controls._settled()
    st.session_state[key] = next(
        (name for name, values in presets.items() if {**controls.defaults, **values} == now), None
    )

    def load() -> None:
        if name := st.session_state[key]:
            controls.set(presets[name])
            if then is not None:
                then(name)

    return st.pills(label, list(presets), key=key, on_change=load)
