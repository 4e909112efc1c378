"""A widget looks one value up, and pays for one.

Streamlit's number inputs, menus and radios ask the session for their own value only, but by way of `filtered_state`, which
puts everything that the session holds into a dictionary first: thirty widgets on a page of a lesson read its ninety values
thirty times, a fifth of all that a moved slider costs the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState

_whole = SafeSessionState.filtered_state.fget


class OneByOne(Mapping[str, Any]):
    """What `filtered_state` gives: values by the names that a page knows, each looked up when it is asked for."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __contains__(self, key: object) -> bool:
        return key in self._state

    def __iter__(self) -> Iterator[str]:
        return iter(_whole(self._state))

    def __len__(self) -> int:
        return len(_whole(self._state))


def look_up_one_by_one() -> None:
    """For all sessions of this server, from now on."""
    SafeSessionState.filtered_state = property(OneByOne)  # type: ignore[assignment,method-assign]
