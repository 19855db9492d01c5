"""The sizes of programs, against the lists read literally."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._network.sizes import (
    BATCH_SIZES,
    MICRO_BATCH_SIZES,
    WIDTHS,
    WINDOW_LENGTHS,
    PaddedSizes,
    Sizes,
    choose_micro_batch_size,
    pad_sizes,
    pad_up,
)


@given(size=st.integers(1, 1000))
@pytest.mark.parametrize("sizes", [WINDOW_LENGTHS, WIDTHS, tuple(MICRO_BATCH_SIZES), BATCH_SIZES])
def test_a_size_is_padded_to_the_smallest_that_holds_it(sizes, size):
    """Oracle: the least of all listed sizes and of further quarters of the last one."""
    quarters = (sizes[-1] // 4 * multiple for multiple in range(5, 4004))
    allowed = {*sizes, *quarters}
    assert sizes[-1] % 4 == 0
    assert pad_up(size, sizes) == min(wide for wide in allowed if wide >= size)


def test_each_size_is_padded_by_its_own_list():
    """Oracle: by hand, from the lists."""
    assert pad_sizes(Sizes(9, 3, 171, 2, 2)) == PaddedSizes(16, 4, 176, 2, 2)
    assert pad_sizes(Sizes(169, 65, 257, 70)) == PaddedSizes(210, 80, 320, 80)


def test_of_a_path_whole_steps_are_added():
    """Oracle: by hand: 20 steps of 3 outputs become 24 steps of 3."""
    padded = pad_sizes(Sizes(8, 2, 20, 60, 1, steps=20, n_beside=11))
    assert padded == PaddedSizes(16, 2, 32, 72, 1, 24, 16)
    assert (padded.hidden, Sizes(8, 2, 20, 60).hidden) == (16, 10)


@pytest.mark.parametrize(
    ("batch_size", "units", "micro_batch_size"),
    [(5, 32, 32), (100, 64, 32), (100, 152, 8), (24, 176, 24), (9, 176, 8), (100, 200, 34),
     (30, 320, 34), (20, 320, 8)],
)  # fmt: skip
def test_a_batch_is_cut_into_micro_batches_that_waste_little(batch_size, units, micro_batch_size):
    """Oracle: by hand: all of their windows and one more each: 30 is 35 as one of 34, 36 as 8s."""
    assert choose_micro_batch_size(batch_size, units) == micro_batch_size


@given(sizes=st.builds(Sizes, *[st.integers(1, 300)] * 5))
def test_padded_sizes_stay_as_they_are(sizes):
    padded = pad_sizes(sizes)
    assert pad_sizes(Sizes(*astuple(padded))) == padded
