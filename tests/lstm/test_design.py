"""The design: columns by name or number are the same, and another design is refused by name."""

from dataclasses import replace

import numpy as np
import pytest

from sklstm import LSTMRegressor
from sklstm._lstm.design import Design, read_design, refuse_another

NAMES = ["close", "volume", "weekday"]


def design_of(n_outputs=1, **params):
    return read_design(LSTMRegressor(**params).get_params(), len(NAMES), n_outputs, NAMES)


def test_columns_by_name_and_by_number_are_one_design():
    """Oracle: their positions, by hand."""
    by_name = design_of(known_columns="weekday", target_column="close", window_columns=["volume"])
    by_number = design_of(known_columns=[2], target_column=0, window_columns=1)
    assert by_name == by_number
    assert by_name.known_columns == (2,)
    assert by_name.target_column == (0,)
    assert by_name.window_columns == (1,)


def test_the_target_is_located_for_each_output():
    """Oracle: by hand."""
    assert design_of(3, target_column=[1, None, "close"]).target_column == (1, None, 0)
    assert design_of(2).target_column == (None, None)


def test_numbers_of_numpy_become_plain_ones():
    """Oracle: Python's own types; 100 as int8 would overflow when doubled."""
    design = design_of(window_length=np.int8(100), units=np.int16(3), peephole=np.bool_(True))
    assert type(design.window_length) is int
    assert type(design.units) is int
    assert design.peephole is True


def test_the_network_is_sized_by_the_design_and_the_rows():
    """Oracle: by hand."""
    sizes = design_of(2, window_length=5, units=7, num_layers=2).size_network(3, n_beside=0)
    assert vars(sizes) == {
        "window_length": 5, "n_features": 3, "units": 7, "n_outputs": 2, "num_layers": 2,
        "steps": 1, "n_beside": 0,
    }  # fmt: skip
    sizes = design_of(2, steps=3).size_network(3, n_beside=4)
    assert (sizes.n_outputs, sizes.steps, sizes.n_beside) == (6, 3, 4)


def test_the_same_design_is_accepted_again():
    refuse_another(design_of(known_columns="weekday"), design_of(known_columns=[2]))


CHANGES = {
    "window_length": 9, "horizon": 2, "units": 33, "num_layers": 2, "peephole": False,
    "linear_skip": True, "scaling": "minmax", "known_columns": (1,), "target_column": (2,),
    "window_columns": (1,), "linear_start": False, "season_length": (7,),
    "n_networks": 4, "steps": 2, "quantiles": (0.1, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", Design.__dataclass_fields__)
def test_each_change_is_refused_by_its_name_with_both_values(name):
    """Oracle: the parameter's name and values."""
    before = design_of()
    message = f"built with {name}=.* now are {name}="
    with pytest.raises(ValueError, match=message) as error:
        refuse_another(before, replace(before, **{name: CHANGES[name]}))
    assert f"{name}={getattr(before, name)!r}," in str(error.value)
    assert f"{name}={CHANGES[name]!r}." in str(error.value)
