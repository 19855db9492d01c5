"""
Export ``model_`` and use it in plain Keras
===========================================

``model_`` is the fitted network with its scaling and its linear start, as a Keras model: raw rows
in, predictions in the units of ``y`` out. Saved as a file, it is a model like any other of Keras.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import root_mean_squared_error

import sklstm.layers  # noqa: F401, tells Keras of the layers
from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_stock

X = np.log(load_stock().frame[["volume"]])
y = X["volume"]
train, test = slice(None, -400), slice(-400, None)
regressor = LSTMRegressor(window_length=8, random_state=0).fit(X[train], y[train])

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "volume.keras"
regressor.model_.save(path)

# %%
# In another process, ``import keras`` and ``import sklstm.layers`` are all that loading needs.

model = keras.saving.load_model(path)
model.summary()
folder.cleanup()

# %%
# ``read_windows`` makes what the model takes: the window of each prediction, and the numbers that
# the linear start reads. The model is called, not asked to ``predict``, which would round them to
# float32 before they are scaled.

inputs = regressor.read_windows(X[test])
in_keras = model(inputs).numpy()[:, 0]
in_sklstm = regressor.predict(X[test])

for name, numbers in inputs.items():
    print(f"{name}:", numbers.shape, numbers.dtype)
print(f"largest difference from predict: {np.abs(in_keras - in_sklstm).max():.1e}")
print("\nRMSE of log(volume)")
for name, predicted in {
    "last value": LastValueRegressor().fit(X[train], y[train]).predict(X[test]),
    "regressor": in_sklstm,
    "Keras model": in_keras,
}.items():
    print(f"  {name:<12} {root_mean_squared_error(y[test], predicted):.3f}")
