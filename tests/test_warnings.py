"""Warnings point to the user's line."""

import warnings
from types import FunctionType

import pytest

from sklstm._warnings import PASSED_OVER, warn_caller


def call_from(module, function):
    """A function that calls another one, as if it stood in the module."""

    def call():
        function()

    return FunctionType(call.__code__, {"__name__": module}, None, None, call.__closure__)


@pytest.mark.parametrize("package", sorted(PASSED_OVER))
def test_a_warning_passes_over_the_package_and_those_that_call_it_for_a_user(package):
    """Oracle: this file, from which the outermost of three calls is made."""
    inner = call_from("sklstm._rows.labels", lambda: None)
    with pytest.warns(UserWarning, match="beware") as caught:
        call_from(f"{package}.some.room", call_from("sklstm.room", lambda: warn_here()))()
    assert [warning.filename for warning in caught] == [__file__]
    inner()


def warn_here():
    warn_caller("beware")


def test_the_category_is_the_one_that_is_given():
    """Oracle: by hand."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_caller("beware", RuntimeWarning)
    assert [warning.category for warning in caught] == [RuntimeWarning]
