"""The same network twice: the lab and Keras, each in a process of its own, on the same weights and batches.

`tasks.py` makes networks and batches, `lab_side.py` and `keras_side.py` compute, `process.py` runs a side as a child
process. Keras's files are read and written in `lstm/keras_files/`. Only a child process that was asked for it ever imports Keras.
"""
