import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import BayesTimeSeriesSearchCV, ConformalRegressor, LSTMRegressor, forecast
from sklstm.datasets import load_electricity
from sklstm.evaluation import skill_table, temporal_train_test_split
from sklstm.metrics import interval_coverage
from sklstm.plots import ForecastDisplay


def forecast_two_days(X: pd.DataFrame, y: pd.Series) -> np.ndarray:
    model = LSTMRegressor(units="a")  # planted: arg-type
    model = LSTMRegressor(steps=24, quantiles=(0.1, 0.9), random_state=0)
    model.fit(X)  # planted: call-arg
    path: np.ndarray = model.fit(X, y).forecast(n_rows=48)
    print(model.predict_quantiles(X).shape)
    return path


def tune(X: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    lstm = LSTMRegressor(scaling="robust")  # planted: arg-type
    space = {"window_length": (2, 16), "units": (8, 64)}
    search = BayesTimeSeriesSearchCV(lstm, space, n_iter="30", cv=3)  # planted: arg-type
    X_train, X_test, y_train, y_test = temporal_train_test_split(X, y, test_size=0.25)
    search.fit(X_train, y_train)
    print(search.summary(), search.best_params_)
    ForecastDisplay.from_estimator(search, X_test, y_test)
    return search.report(X_test, y_test).round(3)


X, y = load_electricity(return_X_y=True)
print(forecast_two_days(X, y).mean(), tune(X, y))
pipeline = make_pipeline(StandardScaler(), LSTMRegressor()).fit(X, y)
conformal = ConformalRegressor(pipeline, coverage=0.8, method="adaptive").fit(X, y)
coverage: float = interval_coverage(y, conformal.predict_interval(X))
text: str = forecast(pipeline)  # planted: assignment
print(coverage, skill_table({"LSTM": LSTMRegressor()}, X, y, test_size="2014-10-01"), text)
