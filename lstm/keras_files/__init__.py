"""Keras's files without Keras: `files.py` reads and writes them, `described.py` has what they say of layers, `h5.py` what
HDF5 may hold, `layers.py` which of Keras's layers is which of the lab's.
"""
