"""What an estimator gets of scikit-learn's callbacks, with and without them."""

import pytest
from small_regressor import tiny

from sklstm._callbacks import HAS_CALLBACKS, has_callbacks, name_metadata, with_callbacks


class Silent:
    """A FitCallback that does nothing."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass


def test_the_method_keeps_its_name_and_result():
    class Estimator:
        @with_callbacks
        def fit(self):
            """Fit."""
            return self

    estimator = Estimator()
    assert estimator.fit() is estimator
    assert (Estimator.fit.__name__, Estimator.fit.__doc__) == ("fit", "Fit.")


@pytest.mark.skipif(not HAS_CALLBACKS, reason="scikit-learn 1.9 brought them")
def test_callbacks_are_there_once_they_are_set():
    regressor = tiny()
    assert not has_callbacks(regressor)
    assert has_callbacks(regressor.set_callbacks(Silent()))
    assert not has_callbacks(regressor.set_callbacks())


@pytest.mark.skipif(HAS_CALLBACKS, reason="scikit-learn 1.9 brought them")
def test_an_older_scikit_learn_has_no_way_to_set_them():
    assert not hasattr(tiny(), "set_callbacks")
    assert not has_callbacks(tiny())


def test_weights_are_the_only_metadata():
    """Oracle: by hand."""
    assert name_metadata({"sample_weight": [1.0], "groups": [0]}) == {"sample_weight": [1.0]}
    assert name_metadata({"sample_weight": None}) is None
