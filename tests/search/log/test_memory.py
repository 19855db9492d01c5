"""Trials that need not be run."""

from small_search import Book, make_trial

from sklstm._search.log.memory import Memory
from sklstm._search.trials.trial import Candidate


def test_a_memory_finds_the_trial_of_another_candidate_with_the_same_parameters():
    """Oracle: by hand; to find it writes nothing, once added it has a line of its own."""
    log = Book()
    memory = Memory(log)
    trial = memory.add(make_trial(1.0, params={"a": 1}, space=0, number=3))
    same, other = Candidate({"a": 1}, (1,), 1, 0), Candidate({"a": 2}, (2,), 1, 1)
    found = memory.find(same)
    assert (found.candidate, found.folds) == (same, trial.folds)
    assert log.appended == [trial]
    assert memory.add(found) is found
    assert log.appended == [trial, found]
    assert memory.find(other) is None


def test_a_memory_knows_what_is_in_the_log_without_writing_it_again():
    """Oracle: by hand; parameters of a logged trial are known in another space, too."""
    logged = make_trial(1.0, params={"a": 1}, space=0, number=3)
    log = Book(logged)
    memory = Memory(log)
    assert memory.add(memory.find(Candidate({"a": 1}, (1,), 0, 3))) is logged
    assert log.appended == []
    again = memory.find(Candidate({"a": 1}, (1,), 1, 0))
    assert again.folds == logged.folds
    assert memory.add(again) is again
    assert log.appended == [again]


def test_numbers_and_truth_values_are_not_mistaken_for_each_other():
    memory = Memory(None)
    memory.add(make_trial(1.0, params={"a": 1}))
    assert memory.find(Candidate({"a": True}, (0,), 1, 0)) is None
    assert memory.find(Candidate({"a": "1"}, (0,), 1, 0)) is None
    assert memory.find(Candidate({"a": 1}, (0,), 1, 0)) is not None
