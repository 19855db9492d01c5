"""The lines of a log: there and back, and what is refused as damaged."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_search import make_trial

from sklstm._search.log.records import (
    FORMAT,
    MARK,
    check_header,
    check_record,
    make_record,
    read_record,
)
from sklstm._search.trials.trial import Candidate, FoldScore, Trial

ANY_FLOAT = st.floats()
SECONDS = st.floats(0, 1e9)
SCORES = st.fixed_dictionaries({"r2": ANY_FLOAT, "max error\n²": ANY_FLOAT})
LEVEL = st.floats(allow_nan=False, allow_infinity=False)
HEADER = {
    MARK: FORMAT,
    "problem": {
        "splits": {"n": 2, "hash": "a"},
        "scoring": {"score": "b"},
        "spaces": [{}],
        "seed": 0,
        "n_initial_points": [3],
    },
    "versions": {},
}


def draw_folds(n_seeds):
    seeds = st.tuples(*[st.fixed_dictionaries({"r2": ANY_FLOAT})] * n_seeds)
    good = st.builds(FoldScore, SCORES, SCORES, SECONDS, SECONDS, st.none(), seeds)
    none = st.just({})
    failed = st.builds(FoldScore, none, none, SECONDS, st.just(0.0), st.text())
    return st.lists(good | failed | st.none(), min_size=1, max_size=4)


@given(
    level=LEVEL,
    folds=st.integers(0, 3).flatmap(draw_folds).filter(any),
    n_before=st.integers(0, 10**6),
    estimate=LEVEL,
)
@example(5e-324, [FoldScore({}, {}, 0.1, 0.0, "a\r\n\x85\u2028\udcff\x00")], 0, 0.5)
@example(1.0, [FoldScore({"r2": 1.7e308}, {}, 0.1, 0.2)] * 2, 0, 0.5)  # their sum is infinite
@example(-0.0, [FoldScore({"r2": -np.inf, "max error\n²": np.nan}, {}, 0.1, 0.2)], 3, 0.5)
def test_a_trial_comes_back_from_its_line_to_the_last_bit(level, folds, n_before, estimate):
    """Oracle: the trial itself."""
    candidate = Candidate({"level": level, "shape": (3, None)}, (level, 1), 1, n_before)
    trial = Trial(candidate, tuple(folds), "r2")
    if trial.status == "pruned":
        trial = Trial(candidate, tuple(folds), "r2", estimate)
    record = json.loads(json.dumps(make_record(trial), allow_nan=False))
    assert check_record(record, len(folds)) == record
    assert repr(read_record(record, candidate)) == repr(trial)


def record_of(*scores, **changes):
    """The line of a trial with a parameter `a`, changed at its top level."""
    trial = make_trial(*scores, params={"a": 1}, point=(1,), estimate=changes.pop("told", None))
    return json.loads(json.dumps(make_record(trial))) | changes


def with_fold(record, **changes):
    return record | {"folds": [record["folds"][0] | changes, *record["folds"][1:]]}


OK, PRUNED, FAILED = record_of(1.0, 2.0), record_of(1.0, None, told=0.5), record_of(np.inf, 2.0)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (OK | {"space": True}, "its 'space' is True, but must be a whole number of 0 or more"),
        (OK | {"trial": -1}, "its 'trial' is -1, but must be a whole number of 0 or more"),
        (OK | {"trial": 1.0}, "its 'trial' is 1.0"),
        (OK | {"params": None}, "its 'params' is None, but must be an object"),
        (OK | {"point": ["a"]}, "its 'point' is ['a'], but must be a list of numbers"),
        (OK | {"point": [1, 2]}, "its 'point' must have one entry for each of its 'params'"),
        (OK | {"seconds": float("nan")}, "its 'seconds' is nan, but must be a number of seconds"),
        (OK | {"seconds": 10**400}, "but must be a number of seconds"),
        (OK | {"score": "good"}, "its 'score' is 'good', but must be a number, null, 'inf' or"),
        (OK | {"objective": 3}, "its 'objective' is 3, but must be a text"),
        (OK | {"objective": "r2"}, "a fold without a score for its objective 'r2'"),
        (OK | {"status": "failed"}, "its 'status' is 'failed', but its folds say 'ok'"),
        (OK | {"estimate": 0.5}, "its 'status' is 'ok', but only a pruned trial has an 'estimate'"),
        (PRUNED | {"estimate": None}, "'pruned', but only a pruned trial has an 'estimate'"),
        (FAILED | {"status": "ok"}, "its 'status' is 'ok', but its folds say 'failed'"),
        (OK | {"folds": 3}, "its 'folds' is 3, but must be a list of objects and nulls"),
        (OK | {"folds": OK["folds"][:1]}, "it has 1 folds, but the search has 2"),
        (OK | {"folds": [None, None]}, "scores for none of its folds"),
        (with_fold(OK, fit_time="a"), "its 'folds[0].fit_time' is 'a', but must be a number of"),
        (with_fold(OK, score_time=-1), "its 'folds[0].score_time' is -1"),
        (with_fold(OK, error=[]), "its 'folds[0].error' is [], but must be a text or null"),
        (with_fold(OK, test_scores={}), "a fold without a score for its objective 'score'"),
        (with_fold(OK, test_scores={"score": [1]}), "its 'folds[0].test_scores' is {'score': [1]}"),
        (with_fold(OK, train_scores=[]), "its 'folds[0].train_scores' is []"),
        (with_fold(OK, seed_scores=[{"r2": 1.0}]), "a fold without a score for its objective"),
        (with_fold(OK, seed_scores={}), "its 'folds[0].seed_scores' is {}"),
        ([], "it is [], not a JSON object"),
    ],
)
def test_a_damaged_record_is_refused_by_the_name_of_its_field(record, text):
    """Oracle: by hand."""
    with pytest.raises(ValueError) as refusal:
        check_record(record, 2)
    assert text in str(refusal.value)


def test_folds_with_different_numbers_of_seeds_are_refused():
    """Oracle: by hand; the mean over the seeds could not be taken."""
    folds = [fold | {"seed_scores": [{"score": 1.0}] * n} for n, fold in enumerate(OK["folds"], 1)]
    with pytest.raises(ValueError, match="its folds have different numbers of 'seed_scores'"):
        check_record(OK | {"folds": folds}, 2)


@pytest.mark.parametrize("name", sorted({*OK} - {"estimate"}))
def test_a_record_needs_each_of_its_fields(name):
    """Oracle: the fields that are written; the first logs had no estimates yet."""
    with pytest.raises(ValueError, match=f"it has no '{name}'"):
        check_record({key: value for key, value in OK.items() if key != name}, 2)


@pytest.mark.parametrize("name", sorted({*OK["folds"][0]} - {"seed_scores"}))
def test_a_fold_needs_each_of_its_fields(name):
    """Oracle: the fields that are written; the first logs had no seeds yet."""
    fold = {key: value for key, value in OK["folds"][0].items() if key != name}
    with pytest.raises(ValueError, match=rf"it has no 'folds\[1\]\.{name}'"):
        check_record(OK | {"folds": [OK["folds"][0], fold]}, 2)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": "a"}, "its 'problem.seed' is 'a', but must be a whole number from 0 to"),
        ({"seed": 2**32}, "its 'problem.seed' is 4294967296"),
        ({"splits": 2}, "its 'problem.splits' is 2"),
        ({"scoring": []}, "its 'problem.scoring' is [], but must be an object"),
        ({"spaces": {}}, "its 'problem.spaces' is {}, but must be a list"),
        ({"n_initial_points": [0]}, "its 'problem.n_initial_points' is [0]"),
        ({"n_initial_points": [3, 3]}, "must have one entry for each space"),
    ],
)
def test_a_damaged_header_is_refused_by_the_name_of_its_field(change, text):
    """Oracle: by hand."""
    assert check_header(HEADER) == HEADER
    with pytest.raises(ValueError) as refusal:
        check_header(HEADER | {"problem": HEADER["problem"] | change})
    assert text in str(refusal.value)
