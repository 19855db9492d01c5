"""How many leads a path has, and which of them forecasts which row."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from small_paths import Paths
from small_regressor import tiny

from sklstm import LastValueRegressor
from sklstm._intervals.leads import list_leads, refuse_far_rows


@pytest.mark.parametrize("horizon", [0, 1, 3])
def test_the_first_rows_ahead_are_first_leads(horizon):
    """Oracle: `LSTMRegressor.forecast`, which says so, on a walk: each row ahead by predict_steps.

    With horizon=0 the first step of the last path is the last row itself, which is not ahead.
    """
    walk = np.random.default_rng(0).normal(size=(80, 1)).cumsum(axis=0)
    lead = 0 if horizon else 1  # with horizon=0 the target lies in a later row
    model = tiny(horizon=horizon, steps=4).fit(walk[:60], walk[lead : 60 + lead, 0])
    ahead = model.forecast(walk[60:70])
    paths = model.predict_steps(walk[60:])
    leads = list_leads(model, 4, len(ahead))
    rows = 10 + np.arange(len(ahead))
    np.testing.assert_allclose(ahead, paths[rows - leads, leads], rtol=1e-6)
    assert leads.max() == 3


def test_without_paths_every_row_is_a_first_lead():
    assert list_leads(LastValueRegressor(horizon=3), 1, 3).tolist() == [0, 0, 0]
    assert list_leads(Ridge(), 1, 3).tolist() == [0, 0, 0]


def test_rows_beyond_the_last_path_are_refused():
    """Oracle: by hand; horizon 2 and 3 steps are 4 rows."""
    for allowed in (None, 1, 4):
        refuse_far_rows(Paths(steps=3, horizon=2), 3, allowed)
    with pytest.raises(ValueError, match=r"n_rows=5 .* horizon \+ steps - 1 = 4 rows ahead"):
        refuse_far_rows(Paths(steps=3, horizon=2), 3, 5)
