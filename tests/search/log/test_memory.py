"""Trials that need not be run."""

from small_search import Book, make_trial

from sklstm._search.log.memory import Memory
from sklstm._search.trials.trial import Candidate


def test_a_memory_keeps_what_it_recalls_for_another_candidate():
    """Oracle: by hand; the log gets a line for that candidate too."""
    log = Book()
    memory = Memory(log)
    trial = memory.add(make_trial(1.0, params={"a": 1}, space=0, number=3))
    same, other = Candidate({"a": 1}, (1,), 1, 0), Candidate({"a": 2}, (2,), 1, 1)
    recalled = memory.recall(same)
    assert (recalled.candidate, recalled.folds) == (same, trial.folds)
    assert log.appended == [trial, recalled]
    assert memory.recall(other) is None


def test_a_memory_knows_what_is_in_the_log_without_writing_it_again():
    """Oracle: by hand; parameters of a logged trial are known in another space, too."""
    logged = make_trial(1.0, params={"a": 1}, space=0, number=3)
    log = Book(logged)
    memory = Memory(log)
    assert memory.recall(Candidate({"a": 1}, (1,), 0, 3)) is logged
    assert log.appended == []
    assert memory.recall(Candidate({"a": 1}, (1,), 1, 0)).folds == logged.folds
    assert len(log.appended) == 1


def test_numbers_and_truth_values_are_not_mistaken_for_each_other():
    memory = Memory(None)
    memory.add(make_trial(1.0, params={"a": 1}))
    assert memory.recall(Candidate({"a": True}, (0,), 1, 0)) is None
    assert memory.recall(Candidate({"a": "1"}, (0,), 1, 0)) is None
    assert memory.recall(Candidate({"a": 1}, (0,), 1, 0)) is not None
