"""Making a room and getting into one: its address, the code for telephones, the two words to type."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import qrcode
import streamlit as st
from qrcode.image.svg import SvgPathFillImage

from rooms import building
from rooms.room import Full, Room
from ui import keep
from ui.browser.links import FROM_TRY, page_of
from ui.plain import sentence
from ui.room import here

NOT_FROM_OUTSIDE = ("localhost", "127.0.0.1", "::1", "[::1]")


def teach_or_join(session: str, teach: str) -> None:
    """Home's way in: make a room as its teacher, or type the two words of one.

    teach : the file of the teacher's page
    """
    make, join = st.columns(2, gap="medium")
    with make:
        if here.led() is not None:
            st.page_link(page_of(teach), label="**Teach**: your room's page", icon=":material/groups:")
        elif st.button("Make a room", icon=":material/groups:", key="room_make", type="primary"):
            try:
                room, secret = building.HERE.make()
            except Full as problem:
                st.error(sentence(problem))
            else:
                here.join(room.name, session, secret)
                st.switch_page(teach, query_params={FROM_TRY: "1"})  # to its top, as every link of the lab leads
        st.caption(
            "Two words and a link for the class: it answers together, each on a screen of their own. No names, no accounts."
        )
    with join, st.form("room_join", border=False):
        typed = st.text_input("A room's two words", placeholder="amber fox", key="room_words", max_chars=60)
        if st.form_submit_button("Join", icon=":material/login:") and typed.strip():
            here.join(typed, session)
            st.rerun()


def address(path: str = "") -> tuple[str, bool]:
    """Where this server is, as the browser of this visitor knows it, and whether others can reach it there."""
    asked = urlsplit(st.context.url or "http://localhost:8501/")
    pages = {one.stem for one in (Path(__file__).resolve().parents[2] / "pages").glob("*.py")}
    parts = asked.path.rstrip("/").split("/")
    base = "/".join(parts[:-1] if parts[-1] in pages else parts)
    return f"{asked.scheme}://{asked.netloc}{base}/{path}", asked.hostname not in NOT_FROM_OUTSIDE


def students_link(room: Room, page: str = "") -> str:
    """The link that students follow, to Home or to a page."""
    return f"{address(page)[0]}?{urlencode({here.ROOM: room.name})}"


def teachers_link(room: Room, secret: str) -> str:
    """The link by which the teacher comes back."""
    return f"{address('teach')[0]}?{urlencode({here.ROOM: room.name, here.TEACHER: secret})}"


def code(link: str) -> str:
    """The link as a QR code in SVG, black on white whatever the theme."""
    return keep.of_all("qr code", link, lambda: _code(link))


def _code(link: str) -> str:
    drawn = qrcode.QRCode(border=2, image_factory=SvgPathFillImage, error_correction=qrcode.constants.ERROR_CORRECT_M)
    drawn.add_data(link)
    drawn.make(fit=True)
    return drawn.make_image().to_string(encoding="unicode")
