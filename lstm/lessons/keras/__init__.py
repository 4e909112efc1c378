"""The same network twice: the lab and Keras, each in a process of its own, on the same weights and batches.

`tasks.py` makes networks and batches, `lab_side.py` and `keras_side.py` compute, `process.py` runs a side as a child
process, `layers.py` says which of Keras's layers is which of the lab's, `files.py` reads and writes Keras's
files. Only a child process that was asked for it ever imports Keras.
"""
