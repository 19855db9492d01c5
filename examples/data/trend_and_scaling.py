"""
A trend, and the scaling that follows it
========================================

The CO2 concentration at Mauna Loa rises year after year, so the values to forecast lie above all
training values. ``scaling="auto"`` detects this and centres each window on its last value. This
example shows which scaling it chooses, and how a fixed scale affects a network.
"""

import matplotlib.pyplot as plt
import statsmodels.api as sm
from sklearn.metrics import mean_absolute_error

from sklstm import LastValueRegressor, LSTMRegressor
from sklstm.datasets import load_electricity

co2 = sm.datasets.co2.load_pandas().data["co2"].ffill()  # weekly; a few weeks are missing
X, y = co2.to_frame(), co2
train, test = slice(None, "1993"), slice("1994", None)
print(f"train: {y[train].min():.0f} to {y[train].max():.0f} ppm")
print(f"test:  {y[test].min():.0f} to {y[test].max():.0f} ppm")

# %%
# **The scaling that is chosen.** "center" centres the column on the last value of the window. An
# electricity load, which returns to its level every day, gets "both": the network reads it centred
# on the last value and centred on its mean.

model = LSTMRegressor(random_state=0).fit(X[train], y[train])
load = load_electricity().frame["2014-06":"2014-11"]
print("CO2:", model.scaling_, "with seasons of", model.season_length_[0], "weeks")
print("electricity:", LSTMRegressor(random_state=0).fit(load, load["load"]).scaling_)

# %%
# **The effect of a fixed scale.** "standard" scales like scikit-learn's StandardScaler, with the
# mean and the standard deviation of the training rows. Two of the models switch off the linear
# start, to show the effect on a network alone. With a linear start, the ridge follows the trend,
# and the kinds of scaling differ little.

kinds = {
    "auto": {"scaling": "auto"},
    "standard": {"scaling": "standard"},
    "auto, network alone": {"scaling": "auto", "linear_start": False},
    "standard, network alone": {"scaling": "standard", "linear_start": False},
}
predictions = {
    name: LSTMRegressor(**kind, random_state=0).fit(X[train], y[train]).predict(X[test])
    for name, kind in kinds.items()
}
predictions["last value"] = LastValueRegressor().fit(X[train], y[train]).predict(X[test])
for name, predicted in predictions.items():
    print(f"{name:<24} mean absolute error {mean_absolute_error(y[test], predicted):.2f} ppm")

# %%
# The network with a fixed scale stays near the largest values that it saw in training.

figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.plot(y["1988":], color="black", label="measured")
styles = {"auto, network alone": "C0", "standard, network alone": "C1"}
for name, color in styles.items():
    ax.plot(y[test].index, predictions[name], color=color, label=name)
ax.axhline(y[train].max(), color="grey", linestyle="--", label="largest value of training")
ax.set(title="Atmospheric CO2, one week ahead", ylabel="CO2 in ppm")
ax.legend()
plt.show()
