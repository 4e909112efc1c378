"""What a browser is asked to remember until it is closed: a few random words, and nothing of its visitor's."""

from __future__ import annotations

import uuid

import streamlit as st

SERVER = uuid.uuid4().hex[:12]
"""This server, until it ends: what was noted under another is gone."""
_note = st.components.v2.component(
    "lab_cookie",
    js="""
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const until = data.value ? "" : "; Max-Age=0";
  document.cookie = `${data.name}=${data.value}; path=/; SameSite=Strict${until}${secure}`;
}
""",
)


def told(name: str) -> str:
    """What the browser said when this session began."""
    return str(st.context.cookies.get(name, ""))


def note(name: str, value: str) -> None:
    """Let the browser remember `value`, which has neither spaces nor semicolons; forget what it has with ""."""
    _note(key=name, data={"name": name, "value": value})


def keep(name: str, value: str) -> None:
    """The same, drawn only where there is something to remember or to forget."""
    noted = f"_noted {name}"
    if value or st.session_state.get(noted) or told(name):
        st.session_state[noted] = value
        note(name, value)
