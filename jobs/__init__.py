"""Training in the background, on Dask. Knows neither streamlit nor any lesson.

    from jobs import engine
    job = engine.submit(config, session="…", title="Text generation")

engine.py     what pages import: takes trainings, and a thread that carries them to Dask
desk.py       who may train now and who waits: sessions, the queue, the limits
job.py        the handle a page holds
history.py    its curves and notes, thinned
cluster.py    the connection to Dask: starts the embedded cluster or joins an existing one
local.py      the embedded cluster, a process of its own
source.py     sends this source tree to the workers of an existing cluster
driver.py     runs inside a worker: drives one experiment and reports
sizes.py      how much memory a result holds
sentences.py  what readers are told when something went wrong
"""
