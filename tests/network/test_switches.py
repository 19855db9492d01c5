"""The inputs that settings become, by hand."""

import numpy as np
import pytest

from sklstm._network.sizes import Sizes
from sklstm._network.switches import limit_norm, share_loss


def test_the_true_outputs_share_the_loss_and_padded_ones_have_none_of_it():
    """Oracle: by hand: three outputs are padded to four; the second one has nothing to learn."""
    sizes = Sizes(3, 2, 4, n_outputs=3)
    np.testing.assert_allclose(share_loss(True, sizes), [1 / 3, 1 / 3, 1 / 3, 0])
    learns = np.array([True, False, True])
    np.testing.assert_allclose(share_loss(learns, sizes), [1 / 3, 0, 1 / 3, 0])


@pytest.mark.parametrize(("clipnorm", "norm"), [(None, np.inf), (2, 2.0), (0.5, 0.5)])
def test_no_clipping_is_clipping_to_infinity(clipnorm, norm):
    assert limit_norm(clipnorm) == norm


def test_a_norm_that_float32_would_round_to_zero_is_the_least_that_it_does_not():
    """Oracle: NumPy's float32."""
    assert 1e-50 < limit_norm(1e-50) < 1e-37
    assert np.float32(limit_norm(1e-50)) > 0
