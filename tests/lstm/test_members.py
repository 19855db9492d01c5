"""Several networks: which there are, how they are shared out, beside each one alone."""

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_regressor import tiny
from threadpoolctl import threadpool_limits

from sklstm import LSTMRegressor
from sklstm._lstm import forecaster, members
from sklstm._lstm.combination import choose_shares
from sklstm._lstm.design import read_design
from sklstm._lstm.epochs import train
from sklstm._lstm.examples import make_examples
from sklstm._lstm.forecaster import begin
from sklstm._lstm.members import Schedule
from sklstm._lstm.preprocessing import prepare
from sklstm._lstm.tail_scores import Loss
from sklstm._rows.reading import Rows

N_ROWS, N_TRAIN = 420, 340


def make_curve(n=N_ROWS, seed=0, third=0.0):
    """A series far from linear: a bent map of the row before, and some of the third before."""
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = 1 - 1.5 * abs(x[t - 1]) + third * x[t - 3] + 0.1 * rng.normal()
    return x[:, None]


def make_line(n=N_ROWS, seed=0):
    """A series that a ridge forecasts as well as anything."""
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = 0.8 * x[t - 1] + rng.normal()
    return x[:, None]


X = make_curve()
y = X[:, 0]
PARAMS = {"scaling": "center", "season_length": None, "early_stopping": True, "epochs": 20}
PARAMS |= {"learning_rate": 0.02, "units": 8}
FOR_ALL = make_curve(seed=5, third=0.1)  # each kind of network forecasts some of it best


def fit(X=X, **parameters):
    return tiny(**PARAMS | parameters).fit(X[:N_TRAIN], X[:N_TRAIN, 0])


def fit_all_kinds(**parameters):
    return fit(FOR_ALL, **{"n_networks": 3, "scaling": "standard"} | parameters)


def seeds(n):
    """A random state from which `n` networks have drawn their seeds."""
    state = np.random.RandomState(0)
    for _ in range(n):
        state.randint(2**31 - 1)
    return state


def test_the_first_goes_on_from_the_start_the_second_forecasts_by_itself():
    """Oracle: each alone, of the same seed; the forecast is both in their shares."""
    both = fit(n_networks=2)
    one, other = fit(), fit(linear_start=False, random_state=seeds(1))
    assert list(both.networks_["linear_start"]) == [True, False]
    share = both.networks_["share"]
    assert 0 < share[0] < 1
    assert share.sum() == pytest.approx(1)
    expected = share[0] * one.predict(X) + share[1] * other.predict(X)
    np.testing.assert_allclose(both.predict(X), expected, rtol=1e-12)
    assert both.loss_curve_ == one.loss_curve_
    assert list(both.networks_["n_iter"]) == [one.n_iter_, other.n_iter_]
    assert list(both.networks_["best_iter"]) == [one.best_iter_, other.best_iter_]
    scores = [one.best_validation_score_, other.best_validation_score_]
    assert list(both.networks_["score"]) == scores


@pytest.mark.parametrize("linear_skip", [False, True])
def test_the_keras_model_holds_all_kinds(linear_skip):
    """Oracle: `predict`."""
    regressor = fit_all_kinds(linear_skip=linear_skip)
    outputs = regressor.model_(regressor.read_windows(FOR_ALL)).numpy()[:, 0]
    np.testing.assert_allclose(outputs, regressor.predict(FOR_ALL), rtol=1e-5, atol=1e-5)
    assert {f"lstm_0{end}" for end in ("", "_network_1", "_network_2")} <= {
        layer.name for layer in regressor.model_.layers
    }


def test_what_a_network_adds_to_the_start_counts_as_much_as_the_tail_demands():
    """Oracle: the rule of two forecasts, the start and the start with all that is added."""
    regressor = fit(learning_rate=0.1, epochs=2)
    forecaster, tail = regressor._forecaster, np.arange(N_TRAIN - 67, N_TRAIN)
    (member,) = forecaster.members
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    start = forecaster.preprocessing.start.predict(windows, np.arange(N_ROWS))
    whole = replace(member, strength=np.ones(1))
    with_all = whole.predict(forecaster.preprocessing, windows, np.arange(N_ROWS))
    chosen = choose_shares(
        Loss("squared_error"), X[tail], start[tail], with_all[tail], np.ones((len(tail), 1))
    )
    assert 0 < chosen[0] < 1
    assert regressor.networks_["strength"][0] == chosen[0]
    expected = start + chosen * (with_all - start)
    np.testing.assert_allclose(regressor.predict(X)[1:], expected[1:, 0], rtol=1e-9, atol=1e-12)


def test_three_kinds_take_turns():
    """Oracle: by hand: from the start, by itself, by itself from two of the four rows."""
    regressor = fit_all_kinds(n_networks=5)
    networks = regressor.networks_
    assert list(networks["linear_start"]) == [True, False, False, True, False]
    assert list(networks["window_length"]) == [4, 4, 2, 4, 4]
    assert networks["share"][0] == networks["share"][3]
    assert networks["share"][1] == networks["share"][4]
    assert networks["share"].sum() == pytest.approx(1)
    forecaster = regressor._forecaster
    windows = forecaster.find_place(FOR_ALL, None, "none").make_windows(FOR_ALL)
    expected = sum(
        member.share * member.predict(forecaster.preprocessing, windows, np.arange(1, N_ROWS))[:, 0]
        for member in forecaster.members
    )
    np.testing.assert_allclose(regressor.predict(FOR_ALL)[1:], expected, rtol=1e-12)


def test_the_third_reads_the_newest_half_of_the_window():
    """Oracle: of row 400 its forecast reads rows 398 and 399, and changes with no other."""
    regressor = fit_all_kinds()
    forecaster = regressor._forecaster
    preprocessing, third = forecaster.preprocessing, forecaster.members[2]

    def predict(changed_row):
        changed = FOR_ALL.copy()
        changed[changed_row] += 0.1
        windows = forecaster.find_place(changed, None, "none").make_windows(changed)
        return third.predict(preprocessing, windows, np.array([400]))

    as_is = predict([])
    assert [row for row in range(N_ROWS) if predict(row) != as_is] == [398, 399]


def test_the_tail_goes_from_the_start_to_one_kind_after_the_other():
    """Oracle: the rule of two forecasts, applied three times to predictions of the tail."""
    regressor = fit_all_kinds()
    forecaster, tail = regressor._forecaster, np.arange(N_TRAIN - 67, N_TRAIN)
    windows = forecaster.find_place(FOR_ALL, None, "none").make_windows(FOR_ALL)
    forecast = forecaster.preprocessing.start.predict(windows, tail)
    remaining = []
    for member in forecaster.members:
        whole = replace(member, strength=np.ones(1))
        other = whole.predict(forecaster.preprocessing, windows, tail)
        targets, weight = FOR_ALL[tail], np.ones((len(tail), 1))
        share = choose_shares(Loss("squared_error"), targets, forecast, other, weight)
        forecast = forecast + share * (other - forecast)
        remaining.append(1 - share[0])
    assert 0 < remaining[1] < 1
    assert 0 < remaining[2] < 1
    np.testing.assert_allclose(regressor.predict(FOR_ALL)[tail], forecast[:, 0], rtol=1e-9)
    shares = [remaining[1] * remaining[2], (1 - remaining[1]) * remaining[2], 1 - remaining[2]]
    np.testing.assert_allclose(regressor.networks_["share"], shares)


def test_a_window_of_one_row_has_no_half():
    """Oracle: by hand: two of the networks are of one kind, and count alike."""
    networks = fit_all_kinds(window_length=1).networks_
    assert list(networks["window_length"]) == [1, 1, 1]
    assert networks["share"][1] == networks["share"][2]


def test_of_what_a_ridge_forecasts_best_no_network_by_itself_is_kept():
    """Oracle: one network, of the same seed."""
    line = make_line()
    regressors = [
        tiny(**PARAMS, n_networks=n).fit(line[:N_TRAIN], line[:N_TRAIN, 0]) for n in (1, 2)
    ]
    assert list(regressors[1].networks_["share"]) == [1.0]
    np.testing.assert_array_equal(*(regressor.predict(line) for regressor in regressors))


@pytest.mark.parametrize(
    "parameters",
    [{"early_stopping": False, "epochs": 3}, {"linear_start": False}],
    ids=["no tail", "no linear start"],
)
def test_with_nothing_to_choose_by_or_from_the_forecast_is_the_mean(parameters):
    """Oracle: each network alone, of the same seed."""
    regressor = fit(n_networks=3, **parameters)
    alone = [fit(random_state=seeds(i), **parameters).predict(X) for i in range(3)]
    np.testing.assert_allclose(regressor.predict(X), np.mean(alone, axis=0), rtol=1e-12)
    assert set(regressor.networks_["share"]) == {1 / 3}
    kinds = set(regressor.networks_["linear_start"])
    assert kinds == {parameters.get("linear_start", True)}


def test_with_too_few_targets_one_silent_network_is_left():
    """Oracle: by hand: of 60 targets a fifth is less than 20."""
    rows = X[:60]
    regressor = tiny(**PARAMS | {"early_stopping": "auto"}, n_networks=3).fit(rows, rows[:, 0])
    assert regressor.networks_.to_dict("list") == {
        "linear_start": [True],
        "window_length": [4],
        "share": [1.0],
        "strength": [1.0],
        "n_iter": [0],
        "best_iter": [0],
        "score": [pytest.approx(np.nan, nan_ok=True)],
    }


@pytest.mark.parametrize("early_stopping", ["auto", True])
def test_a_silent_network_is_not_run(monkeypatch, early_stopping):
    """Oracle: the linear start; the forward pass would fail."""
    rows = np.random.default_rng(4).normal(size=(60, 1)).cumsum(axis=0)
    regressor = tiny(**PARAMS | {"early_stopping": early_stopping}).fit(rows, rows[:, 0])
    assert regressor.best_iter_ == 0
    forecaster = regressor._forecaster
    windows = forecaster.find_place(rows, None, "none").make_windows(rows)
    expected = forecaster.preprocessing.start.predict(windows, np.arange(1, 60))[:, 0]
    monkeypatch.setattr("sklstm._lstm.members.predict_rows", None)
    np.testing.assert_array_equal(regressor.predict(rows)[1:], expected)


def test_each_output_has_shares_of_its_own():
    """Oracle: the outputs alone differ: a network by itself is kept for the bent one only."""
    both = np.column_stack([X[:, 0], make_line()[:, 0]])
    regressor = tiny(**PARAMS, n_networks=2).fit(both[:N_TRAIN], both[:N_TRAIN])
    shares = [member.share for member in regressor._forecaster.members]
    np.testing.assert_allclose(np.sum(shares, axis=0), 1)
    assert shares[1][0] > shares[1][1]


def test_the_networks_share_is_what_all_take_off_the_tails_error():
    """Oracle: squared errors of the tail, of `predict` and of the start."""
    regressor = fit(n_networks=2)
    tail = np.arange(N_TRAIN - 67, N_TRAIN)  # a fifth of 336 targets
    forecaster = regressor._forecaster
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    start = forecaster.preprocessing.start.predict(windows, tail)[:, 0]
    missed, left = (np.sum((y[tail] - p) ** 2) for p in (start, regressor.predict(X)[tail]))
    np.testing.assert_allclose(regressor.network_share_, 1 - left / missed, rtol=1e-6)
    assert regressor.network_share_ > 0.5


@pytest.mark.parametrize("n_networks", [2, 3])
def test_two_fits_are_one_of_as_many_epochs(n_networks):
    """Oracle: all epochs in one call."""
    parameters = {"n_networks": n_networks, "early_stopping": False, "linear_start": False}
    at_once, halves = fit(epochs=4, **parameters), fit(epochs=2, warm_start=True, **parameters)
    halves.fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(halves.predict(X), at_once.predict(X))


def test_another_number_of_networks_needs_a_new_start():
    regressor = fit(n_networks=2, warm_start=True)
    before = regressor.predict(X)
    with pytest.raises(ValueError, match=r"built with n_networks=2, but .* are n_networks=3"):
        regressor.set_params(n_networks=3).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(regressor.predict(X), before)


def test_threads_change_no_bit():
    """Oracle: the same fit with one thread, where the networks are trained in turn."""
    with threadpool_limits(1):
        expected = fit(n_networks=3).predict(X)
    np.testing.assert_array_equal(fit(n_networks=3).predict(X), expected)


def test_each_line_of_verbose_names_its_network(capsys):
    fit(n_networks=2, verbose=True, epochs=2)
    lines = capsys.readouterr().out.splitlines()
    starts = {line.split(", loss")[0] for line in lines}
    assert starts == {f"Network {n}, epoch {e}" for n in (0, 1) for e in (1, 2)}


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_where_one_network_fails_the_others_end_too(error):
    """Oracle: the other one would train for 100,000 epochs."""
    params = LSTMRegressor(units=4, n_networks=2, linear_start=False).get_params()
    n_threads = threading.active_count()

    def fail(epoch, loss, score, network):
        if network == 0:
            raise error("by hand")

    rows = Rows(X, X, np.ones(N_ROWS), None, ())
    design = read_design(params, 1, 1, None)
    with pytest.raises(error, match="by hand"):
        begin(rows, design, params, Schedule(100_000, fail))
    assert threading.active_count() <= n_threads + 1


# Networks of paths go on, on all targets


@pytest.mark.parametrize("epochs", [2, 20])
def test_networks_of_paths_are_trained_further_on_all_targets(monkeypatch, epochs):
    """Oracle: `train` for as many epochs on all examples, made anew; what the tail chose stays."""
    seen = []
    monkeypatch.setattr(
        forecaster, "prepare", lambda *given: seen.append(prepare(*given)) or seen[-1]
    )
    parameters = {"steps": 3, "linear_start": False, "epochs": epochs, "n_networks": 2}
    found = fit(**parameters)
    monkeypatch.setattr(members, "EPOCHS_ON_ALL", 0)
    before = fit(**parameters)
    prepared = seen[0]
    rows = Rows(X[:N_TRAIN], X[:N_TRAIN], np.ones(N_TRAIN), None, ())
    target_rows = np.concatenate([prepared.train.target_rows, prepared.tail.target_rows])
    everything = make_examples(
        rows, prepared.train.windows, prepared.preprocessing.scaling, target_rows
    )
    assert target_rows[-1] == N_TRAIN - 1
    for member, chosen in zip(found._forecaster.members, before._forecaster.members, strict=True):
        expected = train(chosen.trained, everything, chosen.settings, min(epochs, 6)).weights
        pairs = zip(member.trained.weights.arrays(), expected.arrays(), strict=True)
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for name in ("loss_curve_", "validation_scores_", "best_iter_", "n_iter_", "network_share_"):
        assert getattr(found, name) == getattr(before, name)
    pd.testing.assert_frame_equal(found.networks_, before.networks_)
    assert np.nanmax(np.abs(found.predict_steps(X) - before.predict_steps(X))) > 0


def test_a_silent_network_stays_silent_on_all_targets():
    """Oracle: the start of a network that its tail has not chosen."""
    regressor = fit(make_line(), steps=2, epochs=3)
    silent = [member for member in regressor._forecaster.members if member.is_silent]
    assert silent
    for member in silent:
        assert not member.trained.weights.head.any() or not member.strength.any()


def test_early_stopping_waits_for_fewer_epochs_of_paths():
    """Oracle: by hand: no epoch improves by more than `tol`."""
    for steps, patience in ((1, 10), (2, 3)):
        regressor = fit(steps=steps, tol=1e9, linear_start=False)
        assert regressor.n_iter_ == patience
