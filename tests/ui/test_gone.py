"""What a page says of a training that its server does not know any more."""

from types import SimpleNamespace

import pytest

from ui.browser.cookies import SERVER
from ui.gone import _what_is_gone

TITLES = ["Gates", "Memory"]
JOB = "0123456789ab" + "c" * 20


@pytest.mark.parametrize(
    ("cookie", "jobs", "beginning"),
    [
        ("", [], ""),
        (f"{SERVER}-{JOB[:12]}-1", [SimpleNamespace(id=JOB)], ""),
        (f"{SERVER}-{JOB[:12]}-1", [], "Your training of **Memory** is gone. Nobody looked at it for a while"),
        (f"{'f' * 12}-{JOB[:12]}-0", [], "Your training of **Gates** is gone. The server was started again"),
        (f"{'f' * 12}-{JOB[:12]}-2", [], ""),
        (f"{'f' * 12}-{JOB[:12]}-<b>", [], ""),
    ],
    # The server's name is drawn anew in every process: it must not become a part of the test's.
    ids=["no cookie", "it is here", "nobody looked", "another server", "no such lesson", "markup"],
)
def test_what_is_said(cookie, jobs, beginning):
    said = _what_is_gone(cookie, jobs, TITLES)
    assert said.startswith(beginning) and bool(said) == bool(beginning)
