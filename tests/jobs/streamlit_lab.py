"""A page for a test: trains inside `streamlit run`, which replaces `__main__`, and writes how it went to $LAB_REPORT."""

import os
from pathlib import Path

import streamlit as st
from fake_experiments import Count

from jobs import engine

job = st.session_state.get("job")
if job is None:
    job = st.session_state.job = engine.submit(Count(steps=20), session="page", title="On a page")
job.wait(30)
st.write(job.state)
Path(os.environ["LAB_REPORT"]).write_text(f"{job.state} {job.error} {len(job.history.series('loss')[0])}")
