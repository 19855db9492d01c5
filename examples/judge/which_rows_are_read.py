"""
Which rows a prediction reads
=============================

The alignment rule, not as it is stated but as a fitted network shows it: each row of X is changed
in turn, and the predictions that change with it are marked.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklstm import LSTMRegressor

WINDOW_LENGTH, N_SHOWN = 3, 12
rng = np.random.default_rng(0)
X = rng.normal(size=(200, 2))
X[:, 0] = X[:, 0].cumsum()
y = X[:, 0]
block = X[-N_SHOWN:]


def find_rows_read(model, column):
    """Whether prediction t, a line, changes with row s, a column, of the block after training."""
    before = model.predict(block)
    changes = []
    for row in range(N_SHOWN):
        changed = block.copy()
        changed[row, column] += 1.0
        changes.append(model.predict(changed) != before)
    return np.transpose(changes)


def fit(horizon, known_columns=None):
    model = LSTMRegressor(
        window_length=WINDOW_LENGTH,
        horizon=horizon,
        known_columns=known_columns,
        linear_start=False,
        units=8,
        epochs=2,
        random_state=0,
    )
    return model.fit(X[:-N_SHOWN], y[:-N_SHOWN])


# %%
# The network alone is shown: a linear start reads further rows of the target's column, none of
# which is newer. With ``window_length=3`` the prediction for row t reads rows t-3 to t-1 at
# ``horizon=1`` and rows t-4 to t-2 at ``horizon=2``. A known column is read up to row t itself.

seen = {
    "horizon=1": find_rows_read(fit(horizon=1), column=0),
    "horizon=2": find_rows_read(fit(horizon=2), column=0),
    "horizon=2, a known column": find_rows_read(fit(horizon=2, known_columns=[1]), column=1),
}
for name, rows_read in seen.items():
    newest = [np.flatnonzero(line)[-1] - t for t, line in enumerate(rows_read) if line.any()]
    print(f"{name:<26} newest row read, from the row predicted: {set(map(int, newest))}")

# %%

figure, axes = plt.subplots(1, len(seen), figsize=(10, 3.6), layout="constrained", sharey=True)
for axis, (name, rows_read) in zip(axes, seen.items(), strict=True):
    axis.pcolormesh(rows_read, cmap="Blues", edgecolors="lightgrey", vmax=1.5)
    axis.plot([0, N_SHOWN], [0, N_SHOWN], color="C1")
    axis.set(title=name, xlabel="row of X that is read", aspect="equal")
axes[0].set(ylabel="row that is predicted")
axes[0].invert_yaxis()
plt.show()

# %%
# Below the diagonal lies the past. The first predictions of the block read less of it: the rest of
# their windows lies in the training rows, which the network has kept.
