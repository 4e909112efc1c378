"""The file with the blanks. What stands for a blank is `...`, so that the unfilled file is Python and can be run."""

from __future__ import annotations

FORWARD = ("x", "h_prev", "c_prev", "kernel", "recurrent_kernel", "bias")
BACKWARD = ("step", "dh", "dc_next", "x", "h_prev", "c_prev", "kernel", "recurrent_kernel")
"""The arguments of the two functions, in order."""
FORWARD_NAMES = ("z", "z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "h")
BACKWARD_NAMES = (
    "do", "dc", "di", "df", "dg", "dc_prev", "dz_i", "dz_f", "dz_g", "dz_o",
    "dx", "dh_prev", "dkernel", "drecurrent_kernel", "dbias",
)  # fmt: skip
"""What the two functions return: dicts with these keys."""

TEMPLATE = '''"""Write the LSTM cell yourself: six blanks forward, seven back. A blank is three dots.

    python -m lstm check my_cell.py             says line by line what is right and what is wrong
    python -m lstm check my_cell.py --train     lets your own cell learn whether a number of ones is odd

Fill them from top to bottom, and check as often as you like. The equations of one time step:

    z = x W + h_prev U + b        W is kernel, U is recurrent_kernel, b is bias
    i = sigmoid(z_i)              input gate:   how much of the candidate is written
    f = sigmoid(z_f)              forget gate:  how much of the old cell state stays
    g = tanh(z_g)                 candidate:    what would be written
    o = sigmoid(z_o)              output gate:  how much of the cell state is shown
    c = f * c_prev + i * g        cell state
    h = o * tanh(c)               hidden state

Shapes:

    x       (batch, features)     kernel            (features, 4 * units)
    h_prev  (batch, units)        recurrent_kernel  (units, 4 * units)
    c_prev  (batch, units)        bias              (4 * units,)

z is (batch, 4 * units): the pre-activations of the gates side by side, in the order i, f, g, o. The rest is (batch, units).
`*` multiplies number by number, `@` is the product of matrices, `a.T` turns a matrix round.
"""

import numpy as np


def sigmoid(z):
    """1 / (1 + exp(-z)), written so that no z overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def forward(x, h_prev, c_prev, kernel, recurrent_kernel, bias):
    """One time step."""
    z = ...  # 1: all pre-activations at once
    z_i, z_f, z_g, z_o = ..., ..., ..., ...  # 2: cut z into its four gates; np.split(z, 4, axis=-1) does that
    i, f, o = ..., ..., ...  # 3: the three gates
    g = ...  # 4: the candidate
    c = ...  # 5: the cell state
    h = ...  # 6: the hidden state
    return {"z": z, "z_i": z_i, "z_f": z_f, "z_g": z_g, "z_o": z_o, "i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def backward(step, dh, dc_next, x, h_prev, c_prev, kernel, recurrent_kernel):
    """One time step back.

    `step` is what forward returned. `dh` is the gradient of the loss with respect to h, and `dc_next` what comes back along
    the cell state from the step after. Below, `dq` is the gradient with respect to q.
    """
    i, f, g, o, tanh_c = step["i"], step["f"], step["g"], step["o"], np.tanh(step["c"])
    do = ...  # 7: from h = o * tanh(c)
    dc = ...  # 8: dc_next, and what comes through h; the slope of tanh is 1 - tanh**2
    di, df, dg = ..., ..., ...  # 9: from c = f * c_prev + i * g
    dc_prev = ...  # 10: from the same equation
    dz_i, dz_f, dz_g, dz_o = ..., ..., ..., ...  # 11: the slope of the sigmoid is i * (1 - i), that of tanh is 1 - g**2
    dz = side_by_side(dz_i, dz_f, dz_g, dz_o)
    dx, dh_prev = ..., ...  # 12: from z = x W + h_prev U + b
    dkernel, drecurrent_kernel, dbias = ..., ..., ...  # 13: from the same equation, summed over the batch
    return {
        "do": do, "dc": dc, "di": di, "df": df, "dg": dg, "dc_prev": dc_prev,
        "dz_i": dz_i, "dz_f": dz_f, "dz_g": dz_g, "dz_o": dz_o, "dx": dx, "dh_prev": dh_prev,
        "dkernel": dkernel, "drecurrent_kernel": drecurrent_kernel, "dbias": dbias,
    }


def side_by_side(*blocks):
    """(batch, units) four times -> (batch, 4 * units); a blank as long as one of them is blank."""
    return ... if any(block is ... for block in blocks) else np.concatenate(blocks, axis=-1)
'''
