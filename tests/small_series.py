"""Series that return to their level, and series that wander."""

import numpy as np


def autoregress(n_rows, share, rng):
    """x[t] = share * x[t-1] + e[t]."""
    x = np.zeros(n_rows)
    for t in range(1, n_rows):
        x[t] = share * x[t - 1] + rng.normal()
    return x


def make_steps(n_rows, rng, growth=1.0):
    """Steps of a random walk, the last ones `growth` times the first ones' size."""
    return rng.normal(size=n_rows) * growth ** np.linspace(0, 1, n_rows)
