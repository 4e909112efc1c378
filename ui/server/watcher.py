"""A page that comes back is not watched either.

`server.fileWatcherType = "none"` keeps Streamlit from watching the files of a new session, but a session whose page comes back
(a network that failed for a moment, a laptop that slept) begins to watch them all the same: it then resolves the path of
every module on the event loop, a fifth of a second for each visitor.
"""

from __future__ import annotations

from streamlit import config
from streamlit.runtime.app_session import AppSession

_register = AppSession.register_file_watchers


def register_file_watchers(session: AppSession) -> None:
    """Streamlit's own, unless nothing is to be watched."""
    if config.get_option("server.fileWatcherType") != "none":
        _register(session)


def watch_as_configured() -> None:
    """For all sessions, those that come back included."""
    AppSession.register_file_watchers = register_file_watchers  # type: ignore[method-assign]
