"""
Which rows a prediction reads
=============================

Does a prediction read its own row, or a later one? The :doc:`alignment rule </alignment>` says that
it does not, except for columns that are known in advance. This example checks the rule: it changes
a column of X in one row after the other, and marks the predictions that change with it. You can
test any forecaster for leaks in this way.
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
    """Whether prediction t (line of the result) changes with row s of the block (column)."""
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
        early_stopping=False,
        units=8,
        epochs=2,
        random_state=0,
    )
    return model.fit(X[:-N_SHOWN], y[:-N_SHOWN])


# %%
# The linear start, a ridge regression that the networks correct, is switched off, because it reads
# more rows of the target's column, though no newer ones. Early stopping is switched off too: it
# would find that there is nothing to learn from a random walk, and keep the untrained network. With
# ``window_length=3``, the prediction for row t reads rows t-3 to t-1 at ``horizon=1`` and rows t-4
# to t-2 at ``horizon=2``. A known column is read up to row t itself.

seen = {
    "horizon=1": find_rows_read(fit(horizon=1), column=0),
    "horizon=2": find_rows_read(fit(horizon=2), column=0),
    "horizon=2, a known column": find_rows_read(fit(horizon=2, known_columns=[1]), column=1),
}
for name, rows_read in seen.items():
    newest = [np.flatnonzero(line)[-1] - t for t, line in enumerate(rows_read) if line.any()]
    print(f"{name:<26} newest row read, from the row predicted: {set(map(int, newest))}")

# %%
# The past lies below the diagonal. The picture shows the last 12 rows, which follow the training
# rows. The windows of the first predictions reach back into the training rows, which are not shown.

figure, axes = plt.subplots(1, len(seen), figsize=(10, 4), layout="constrained", sharey=True)
for axis, (name, rows_read) in zip(axes, seen.items(), strict=True):
    axis.pcolormesh(rows_read, cmap="Blues", edgecolors="lightgrey", vmax=1.5)
    axis.plot([0, N_SHOWN], [0, N_SHOWN], color="C1")
    axis.set(title=name, xlabel="row of X that is read", aspect="equal")
axes[0].set(ylabel="row that is predicted")
figure.suptitle("Blue: rows that a prediction reads; diagonal: its own row")
axes[0].invert_yaxis()
plt.show()
