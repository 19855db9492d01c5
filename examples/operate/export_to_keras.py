"""
Export the network to Keras
===========================

``model_`` is the fitted network with its scaling and its linear start, as a Keras model that maps
raw rows to predictions in the units of ``y``. You can save it like any other Keras model. This
example saves it, loads it again, and compares its forecasts with those of the regressor.
"""

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np

import sklstm.layers  # noqa: F401, registers the layers with Keras
from sklstm import LSTMRegressor
from sklstm.datasets import load_electricity

X = load_electricity().frame["2014-07":"2014-10"]
y = X["load"]
train, test = slice(None, "2014-09"), slice("2014-10", None)
regressor = LSTMRegressor(random_state=0).fit(X[train], y[train])

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "load.keras"
regressor.model_.save(path)

# %%
# To load the model in another process, you only need ``import keras`` and ``import sklstm.layers``.

model = keras.saving.load_model(path)
model.summary()
folder.cleanup()

# %%
# ``read_windows`` returns the inputs of the model: the window of each prediction, and the values
# that the linear start reads. Call the model directly instead of its ``predict``, which would round
# the inputs to float32 before they are scaled.

inputs = regressor.read_windows(X[test])
in_keras = model(inputs).numpy()[:, 0]
in_sklstm = regressor.predict(X[test])

for name, numbers in inputs.items():
    print(f"{name}:", numbers.shape, numbers.dtype)
print(f"largest difference: {np.abs(in_keras - in_sklstm).max():.1e} kW")

# %%
# The picture shows both forecasts of a week, and their difference, which is due to rounding.

week = slice(0, 7 * 24)
hours = y[test].index[week]
figure, (above, below) = plt.subplots(
    2, figsize=(9, 5), layout="constrained", sharex=True, height_ratios=[3, 1]
)
above.plot(hours, y[test][week], color="black", linewidth=0.8, label="measured")
above.plot(hours, in_sklstm[week], color="C0", linewidth=4, alpha=0.4, label="LSTMRegressor")
above.plot(hours, in_keras[week], color="C1", linestyle="--", label="Keras model")
above.set(title="One hour ahead, from both models", ylabel="load in kW")
above.legend(loc="upper right", ncols=3)
above.set_ylim(top=1.15 * y[test][week].max())
below.plot(hours, (in_keras - in_sklstm)[week], color="C3", linewidth=0.8)
below.set(title="Keras model minus LSTMRegressor", ylabel="kW")
plt.show()
