"""Digits: an LSTM reads a handwritten digit row by row, and its opinion changes as it reads."""

import streamlit as st

from jobs import engine
from ui import digit_models, digit_sheet, frame, live
from ui.row_reader import row_reader

TITLE = "Digits"
session = frame.page(TITLE)
engine.warm_up()
job = live.newest_job(session, TITLE)

left, right = st.columns([4, 8], gap="medium")
with left:
    digit_sheet.show()
with right:
    who = digit_models.choose(job)
    drawing = digit_sheet.drawing()
    if drawing is None:
        st.info("The sheet is empty. Draw a digit from 0 to 9, or take an example.", icon=":material/draw:")
    else:
        image = who.reader.prepared(drawing)
        row_reader(image, who.believes(image), who.reader, "digits_reader", play=not digit_sheet.touched())
    st.caption(f"{who.origin}.")
digit_models.load_back()
