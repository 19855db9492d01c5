"""Paths and quantiles of the bare model inside."""

import numpy as np
from sklearn.pipeline import make_pipeline
from small_paths import Paths, draw_paths

from sklstm._nested import standins

X, Y = draw_paths(20)


def test_the_model_inside_answers():
    """Oracle: the model."""
    model = Paths(quantiles=(0.1, 0.9)).fit(X, Y)
    around = make_pipeline("passthrough", model)
    for name, given in {
        "forecast": (None, None, 2),
        "predict_steps": (X,),
        "predict_quantiles": (X,),
        "predict_steps_quantiles": (X,),
        "forecast_quantiles": (),
    }.items():
        expected = getattr(model, name)(*given)
        np.testing.assert_array_equal(getattr(standins, name)(around, *given), expected)
    np.testing.assert_array_equal(standins.forecast(around), model.forecast())
