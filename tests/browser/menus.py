"""Choosing from a menu: Streamlit closes it while the page scrolls or what stands above is still being drawn."""

from __future__ import annotations

import re
from contextlib import suppress


def choose(tab, box, option: str | re.Pattern[str] = "") -> None:
    """Open the menu of a combobox and take the first option of that name; opened anew where it was closed meanwhile.

    Raises
    ------
    playwright.sync_api.TimeoutError
        If there is no such option, or the menu does not stay open five times in a row.
    """
    from playwright.sync_api import TimeoutError

    wanted = tab.get_by_role("option", name=option).first if option else tab.get_by_role("option").first
    for _ in range(4):
        box.scroll_into_view_if_needed()
        tab.wait_for_timeout(600)
        box.click()
        with suppress(TimeoutError):
            wanted.click(timeout=5_000)
            return
        tab.keyboard.press("Escape")
    box.click()
    wanted.click(timeout=5_000)
