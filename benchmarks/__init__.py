"""How fast the lab is, and beside whom: `python -m benchmarks`.

shapes.py      the networks and batches that are timed
contenders.py  the same training step in the lab, in Keras on JAX, in PyTorch
worker.py      a process that holds one contender
compare.py     speed and memory of all contenders, in turn
lab.py         what concerns the lab alone: time to quality, writing speed, matrix products, growth, import time
report.py      the table, the JSON, the chart
"""
