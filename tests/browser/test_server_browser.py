"""What only a browser shows of the server: strangers' words stay words, and a page that outlives its server says so."""

from __future__ import annotations

from pathlib import Path

from benchmarks.classroom import Server

ROOT = Path(__file__).resolve().parents[2]
WORDS = (
    "https://example.com/a", "HTTP://EXAMPLE.COM", "www.example.com", "someone@example.com", "see www.example.com.txt",
    "[a](https://example.com)", "<https://example.com>", "http://localhost:1", "a.b@c.d.e", ":material/home:", "**b** $x$",
)  # fmt: skip


def test_addresses_in_strangers_words_are_no_links(browser, tmp_path):
    (tmp_path / "dashboard.py").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import streamlit as st\nfrom ui.plain import plain\n"
        f"for words in {WORDS!r}:\n"
        "    st.markdown(f'Here: {plain(words)}')\n    st.caption(plain(words))\n"
        f"st.radio('r', [plain(words) for words in {WORDS!r}])\nst.text('done')\n"
    )
    with Server(tmp_path, (), tmp_path / "log.txt") as server:
        tab = browser.new_page()
        tab.goto(f"http://{server.address}/")
        tab.get_by_text("done", exact=True).wait_for(timeout=60_000)
        main = tab.locator("[data-testid=stMain]")
        assert main.locator("a").count() == 0
        shown = main.inner_text().replace("\u2060", "")
        assert [words for words in WORDS if f"Here: {words}" not in shown] == []
        tab.close()


def test_a_page_that_outlives_its_server_says_that_its_training_is_gone(browser, tmp_path):
    words = "Your training of Digits is gone. The server was started again"
    with Server(ROOT, (), tmp_path / "one.txt") as server:
        tab = browser.new_context().new_page()
        tab.set_default_timeout(90_000)
        tab.goto(f"http://{server.address}/digits")
        tab.get_by_role("button", name="Train", exact=True).click()
        tab.get_by_text("Training now").wait_for()
        tab.wait_for_function("document.cookie.includes('lstm_lab_training')")
        assert tab.get_by_text(words).count() == 0
        port = int(server.address.rpartition(":")[2])
        server.process.kill()
    with Server(ROOT, (), tmp_path / "two.txt", port):
        tab.get_by_text(words).wait_for()  # the page connects again by itself
        tab.reload()
        tab.get_by_text("Digits", exact=True).first.wait_for()
        tab.get_by_text("Train", exact=True).first.wait_for()
        assert tab.get_by_text(words).count() == 0, "once is enough"
        tab.close()
