"""Who judges a page in Chromium: axe-core whether it can be read, heard and worked from the keyboard, `looks.js` what is cut off.

Each takes anything with a `tab` and a `settle()`.
"""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

STANDS = """() => [document.querySelector('[data-testid="stMain"]').scrollHeight,
    document.querySelectorAll('[data-testid="stSkeleton"], [data-stale="true"]').length]"""
LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
STREAMLITS_OWN: dict[str, tuple[str, ...]] = {
    "presentation-role-conflict": ("stFileUploaderDropzone",),
    # the column of boxes that a table whose rows can be chosen begins with
    "empty-table-header": ('<th role="columnheader" aria-selected="false" aria-colindex="1" tabindex="-1"></th>',),
}
"""Violations inside elements that Streamlit makes and the lab cannot change: rule and a part of the element's HTML."""


def at_rest(lab):
    """Until the page has stood still for a moment: charts are laid out after the script has ended."""
    lab.settle()
    height = None
    for _ in range(40):
        now = lab.tab.evaluate(STANDS)
        if now == height and now[1] == 0:
            return
        height = now
        lab.tab.wait_for_timeout(250)
        lab.settle()


def violations(lab):
    """What axe-core finds, each in one line."""
    found = []
    for one in Axe().run(lab.tab).response["violations"]:
        for node in one["nodes"]:
            if not any(part in node["html"] for part in STREAMLITS_OWN.get(one["id"], ())):
                why = next((check["message"] for kind in ("any", "all", "none") for check in node[kind]), "")
                found.append(f"{one['id']}: {node['html'][:160]} {why[:200]}")
    return found


def looks_wrong(lab, looks=None):
    """What is cut off, lies on other text or is wider than the window, each in one line."""
    looks = looks or lab.tab.evaluate(LOOKS)
    wide = [f"{name} by {looks[name]} px" for name in ("sideways", "wider") if looks[name] > 0]
    return [*(f"cut: {one}" for one in looks["cut"]), *(f"over: {one}" for one in looks["over"]), *wide]
