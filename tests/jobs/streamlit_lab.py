"""A page for a test: trains inside `streamlit run`, which replaces `__main__`, and writes how it went to $LAB_REPORT."""

import os
import time
from pathlib import Path

import streamlit as st
from fake_experiments import Count

from jobs import engine

job = engine.submit(Count(steps=20), session="page", title="On a page")
job.wait(60)
st.write(job.state)
endless = engine.submit(Count(steps=1_000_000), session="page", title="Until the server is killed")
while endless.progress is None and not endless.ended:
    time.sleep(0.02)
report = Path(os.environ["LAB_REPORT"])
report.with_suffix(".new").write_text(f"{job.state} {job.error} {len(job.history.series('loss')[0])} {endless.state}")
report.with_suffix(".new").rename(report)
