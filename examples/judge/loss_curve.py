"""
Watch training: loss curves and early stopping
==============================================

Has the network learned, and did training stop in time? The loss curve answers the first question,
and the score on targets held back from training answers the second. To use your own learning rate
schedule or stopping rule, train epoch by epoch with ``partial_fit``.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import mean_absolute_error

from sklstm import LSTMRegressor
from sklstm.datasets import load_parking
from sklstm.plots import LossCurveDisplay

cars = load_parking().data["Bull Ring"].between_time("08:00", "16:30").dropna()
X, y = cars.to_frame(), cars
train, test = slice(None, "2016-12-05"), slice("2016-12-06", None)

# %%
# **A single fit.** Early stopping holds back the last training targets and scores the network on
# them after each epoch. Here, the network does not start from the forecast of a ridge regression
# (``linear_start=False``), so the loss has a long way to fall.

model = LSTMRegressor(
    linear_start=False, early_stopping=True, n_iter_no_change=5, n_networks=1, random_state=0
)
model.fit(X[train], y[train])
print(f"{model.n_iter_} epochs trained, the weights of epoch {model.best_iter_} kept")
print(f"best score of the targets held back: R2 {model.best_validation_score_:.3f}")

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
LossCurveDisplay.from_estimator(model, yscale="log", ax=ax)
figure.suptitle("Training loss, and score of the targets held back")
plt.show()

# %%
# **Epoch by epoch.** Each call of ``partial_fit`` trains one epoch. The last week of the training
# rows is held out to monitor the error. The learning rate is set by hand: constant at 0.01, or
# 0.02 at first and halved every five epochs.

fitted, watched = slice(None, "2016-11-28"), slice("2016-11-29", "2016-12-05")
N_EPOCHS = 30
schedules = {
    "constant rate": lambda epoch: 0.01,
    "halved every 5 epochs": lambda epoch: 0.02 * 0.5 ** (epoch // 5),
}
errors = {}
for name, schedule in schedules.items():
    network = LSTMRegressor(linear_start=False, decay_rate=1.0, n_networks=1, random_state=0)
    errors[name] = []
    for epoch in range(N_EPOCHS):
        network.set_params(learning_rate=schedule(epoch)).partial_fit(X[fitted], y[fitted])
        errors[name].append(mean_absolute_error(y[watched], network.predict(X[watched])))
errors = pd.DataFrame(errors, index=range(1, N_EPOCHS + 1))
print(errors[4::5].round(1))

# %%
# With the constant rate, the error goes up and down until the end. With the falling rate, it
# settles.

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
errors.plot(ax=ax, marker=".")
ax.set(xlabel="epoch", ylabel="mean absolute error in cars", ylim=(0, None))
ax.set_title("Error of the week watched, by learning rate schedule")
plt.show()
