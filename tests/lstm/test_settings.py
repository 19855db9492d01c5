"""The settings of one training, by hand."""

import numpy as np

from sklstm._lstm.settings import TrainingSettings
from sklstm._network.sizes import Sizes


def test_settings_become_switches_of_the_program():
    """Oracle: by hand: two true outputs share the loss; no clipping is infinity."""
    settings = TrainingSettings(
        Sizes(3, 2, 4, 2), peephole=False, linear_skip=True, dropout=0.25, learning_rate=0.01,
        decay_rate=1.0, decay_steps=1.0, decay_unit="epoch", batch_size=8, shuffle=True,
        loss="quantile", quantiles=(0.1, 0.9), clipnorm=None, weight_decay=0.0, seed=0,
    )  # fmt: skip
    switches = settings.switches()
    assert (switches.window_length, switches.peephole, switches.linear_skip) == (3, 0.0, 1.0)
    assert (switches.kept_share, switches.clipnorm) == (0.75, np.inf)
    np.testing.assert_array_equal(switches.output_share, [0.5, 0.5])
    np.testing.assert_array_equal(switches.quantile, np.array([0.1, 0.9], np.float32))
