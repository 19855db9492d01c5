"""The passes over the examples, against a whole fit in NumPy and batches laid out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sklstm._lstm import epochs
from sklstm._lstm.epochs import (
    Validation,
    correct_bias,
    learning_rates,
    train,
    train_epoch,
)
from sklstm._lstm.examples import Examples
from sklstm._lstm.predictions import predict_rows
from sklstm._lstm.scaling import TrainingRows, fit_scaling
from sklstm._lstm.settings import TrainingSettings
from sklstm._lstm.tail_scores import TailScore
from sklstm._lstm.trained import Trained, start
from sklstm._network.sizes import Sizes
from sklstm._network.weights import Weights, weight_shapes, zero_weights
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Windows

SIZES = Sizes(window_length=3, n_features=2, units=4, n_outputs=2)  # one program for all tests


def make_settings(**changes):
    chosen = {
        "sizes": SIZES,
        "peephole": True,
        "linear_skip": True,
        "dropout": 0.0,
        "learning_rate": 0.02,
        "decay_rate": 1.0,
        "decay_steps": 1.0,
        "decay_unit": "epoch",
        "batch_size": 7,
        "shuffle": True,
        "loss": "squared_error",
        "quantiles": (),
        "clipnorm": None,
        "weight_decay": 0.0,
        "seed": 3,
    }
    return TrainingSettings(**{**chosen, **changes})


def make_examples(n=31, seed=0, first=0, kind="standard"):
    """Two columns; the targets are the first one and a product, one row later."""
    rng = np.random.default_rng(seed)
    X = 5 + rng.normal(size=(200, 2)).cumsum(axis=0)
    y = np.column_stack([X[:, 0], 0.1 * X[:, 0] * X[:, 1]])
    windows = Windows(X, 0, Alignment(SIZES.window_length, 1))
    rows = windows.full_target_rows()[first : first + n]
    read = TrainingRows(windows.cut(rows), X[: rows[-1]], y[rows])
    scaling = fit_scaling(kind, read, [TargetColumn(0, 0, 1.0, 0.0), None], ())
    weight = rng.uniform(0.5, 2, n)
    weight = np.column_stack([weight, weight]) / weight.mean()
    return Examples(windows, scaling, rows, y[rows], weight)


def draw_trained(seed=9):
    """Weights of which none is zero, before the first step."""
    rng = np.random.default_rng(seed)
    arrays = [0.4 * rng.normal(size=shape).astype(np.float32) for shape in weight_shapes(SIZES)]
    return Trained(Weights.from_arrays(arrays), zero_weights(SIZES), zero_weights(SIZES))


def all_weights(trained):
    return np.concatenate([array.ravel() for array in trained.weights.arrays()])


def assert_same_bits(trained, other):
    for part in ("weights", "mean", "variance"):
        pairs = zip(getattr(trained, part).arrays(), getattr(other, part).arrays(), strict=True)
        for array, expected in pairs:
            np.testing.assert_array_equal(array, expected)
    assert (trained.n_steps, trained.n_epochs) == (other.n_steps, other.n_epochs)


# A whole fit in NumPy


def run_network(flat, windows, keep=1.0):
    """The network of one layer, scaled windows in and out, for weights of any type of number."""
    shapes = weight_shapes(SIZES)
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    arrays = [p.reshape(s) for p, s in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
    kernel, recurrent_kernel, head, skip, bias, peepholes, head_bias = arrays

    def squash(z):
        return 1 / (1 + np.exp(-z))

    h = c = np.zeros((len(windows), SIZES.units))
    for t in range(SIZES.window_length):
        z = np.einsum("nf,fgu->gnu", windows[:, t], kernel) + bias[:, None]
        z = z + np.einsum("nv,vgu->gnu", h, recurrent_kernel)
        i, f = squash(z[0] + peepholes[0] * c), squash(z[1] + peepholes[1] * c + 1)
        c = f * c + i * np.tanh(z[2])
        h = squash(z[3] + peepholes[2] * c) * np.tanh(c)
    return (h * keep) @ head + head_bias + np.einsum("nwf,wfo->no", windows, skip)


def differentiate(function, flat, step=1e-30):
    """The gradient by the complex step: exact to rounding, no derivative written by hand."""
    steps = 1j * step * np.eye(len(flat))
    return np.array([function(flat + one).imag for one in steps]) / step


def fit_in_numpy(trained, examples, settings, n_epochs):
    """Shuffled batches, dropout, decayed Adam with clipping and weight decay, all in float64."""
    n, batch_size = len(examples), settings.batch_size
    flat = all_weights(trained).astype(np.float64)
    n_kernels = sum(np.prod(shape) for shape in weight_shapes(SIZES)[:4])
    scaled = examples.scale(np.arange(n))
    windows = scaled.windows.astype(np.float64)
    targets = (examples.y - scaled.centre) / scaled.scale
    mean, variance, step, losses = 0.0, 0.0, 0, []
    steps_per_epoch = int(np.ceil(n / batch_size))
    for epoch in range(n_epochs):
        rng = np.random.default_rng([settings.seed, epoch])
        order = rng.permutation(n)
        kept = rng.random((n, SIZES.units), dtype=np.float32) >= settings.dropout
        total = 0.0
        for first in range(0, n, batch_size):
            picks, keep = order[first : first + batch_size], kept[first : first + batch_size]

            def mean_loss(flat, picks=picks, keep=keep):
                error = run_network(flat, windows[picks], keep / (1 - settings.dropout))
                error = (targets[picks] - error) ** 2
                return np.mean(error.mean(axis=1) * examples.weight[picks, 0])

            total += mean_loss(flat) * len(picks)
            gradient = differentiate(mean_loss, flat)
            gradient = gradient * min(1, settings.clipnorm / np.linalg.norm(gradient))
            t = step if settings.decay_unit == "step" else step / steps_per_epoch
            rate = settings.learning_rate * settings.decay_rate ** (t / settings.decay_steps)
            step += 1
            mean = 0.9 * mean + 0.1 * gradient
            variance = 0.999 * variance + 0.001 * gradient**2
            corrected = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            move = corrected * mean / (np.sqrt(variance) + 1e-8)
            move[:n_kernels] += rate * settings.weight_decay * flat[:n_kernels]
            flat = flat - move
        losses.append(total / n)
    return flat, losses


@pytest.mark.parametrize(("decay_unit", "decay_steps"), [("epoch", 1.5), ("step", 6.0)])
@pytest.mark.parametrize("clipnorm", [1e9, 0.7])
def test_a_fit_is_the_fit_in_numpy(decay_unit, decay_steps, clipnorm):
    """Oracle: the fit above in float64, its gradients by the complex step."""
    settings = make_settings(
        dropout=0.3,
        decay_rate=0.6,
        decay_unit=decay_unit,
        decay_steps=decay_steps,
        clipnorm=clipnorm,
        weight_decay=0.05,
    )
    run = train(draw_trained(), make_examples(), settings, 3)
    flat, losses = fit_in_numpy(draw_trained(), make_examples(), settings, 3)
    np.testing.assert_allclose(run.losses, losses, rtol=1e-4)
    np.testing.assert_allclose(all_weights(run), flat, rtol=1e-3, atol=1e-5)
    assert (run.n_steps, run.n_epochs) == (15, 3)
    assert run.scores == ()


def test_predictions_are_the_network_in_numpy():
    """Oracle: float64, scaled by hand."""
    rows = np.random.default_rng(0).integers(3, 200, 1100)
    examples, trained = make_examples(kind="center"), draw_trained()
    windows = examples.windows.cut(rows)
    scaled = examples.scaling.apply(windows)
    output = run_network(all_weights(trained).astype(np.float64), scaled.windows)
    expected = scaled.centre + scaled.scale * output
    actual = predict(trained.weights, replace(examples, target_rows=rows))
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


# Going on, and the same bits again


def test_some_epochs_and_then_more_are_as_many_at_once():
    """Oracle: the bits of one call of 5 epochs."""
    settings = make_settings(dropout=0.3, decay_rate=0.9, weight_decay=0.01)
    at_once = train(start(SIZES, 3), make_examples(), settings, 5)
    first = train(start(SIZES, 3), make_examples(), settings, 2)
    rest = train(first, make_examples(), settings, 3)
    assert_same_bits(rest, at_once)
    assert (first.losses, rest.losses) == (at_once.losses[:2], at_once.losses)
    assert (first.n_windows, rest.n_windows) == (2 * 31, 5 * 31)


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    first, again, other = (
        train(start(SIZES, 3), make_examples(), make_settings(dropout=0.5, seed=seed), 2)
        for seed in (1, 1, 2)
    )
    assert_same_bits(first, again)
    assert (all_weights(first) != all_weights(other)).any()


def test_training_leaves_what_it_was_given_alone():
    trained, examples = draw_trained(), make_examples()
    before = all_weights(trained).copy(), examples.y.copy(), examples.windows.block.copy()
    train(trained, examples, make_settings(), 1)
    after = all_weights(trained), examples.y, examples.windows.block
    for array, expected in zip(after, before, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_sizes_may_be_numpy_integers():
    """A search draws them as such. Oracle: the bits of the same fit with Python's."""
    sizes = Sizes(*(np.int64(size) for size in (3, 2, 4, 2, 1)))
    settings = make_settings(sizes=sizes, batch_size=np.int64(7), decay_steps=np.int64(1))
    run = train(start(sizes, 3), make_examples(), settings, 1)
    expected = train(start(SIZES, 3), make_examples(), make_settings(), 1)
    assert_same_bits(run, expected)


# The batches


@pytest.fixture
def handed_over(monkeypatch):
    """Collect what the program is handed, and do no step."""
    calls = []

    def collect(shape, state, steps, switches):
        calls.append((shape, steps, switches))
        return state._replace(n_steps=state.n_steps + steps.n_real), np.ones(shape.n_steps)

    monkeypatch.setattr(epochs, "run_steps", collect)
    return calls


def number_examples(n):
    """Unscaled examples whose first target is their number, with weights of their own."""
    X = np.arange(2.0 * (n + 3)).reshape(-1, 2)
    windows = Windows(X, 0, Alignment(3, 1))
    rows = windows.full_target_rows()
    y = np.column_stack([np.arange(n), 100.0 + np.arange(n)])
    moving = np.vstack([y, y + 1])  # a single target is a constant, which is its own centre
    scaling = fit_scaling(None, TrainingRows(windows.cut(rows), X, moving), [None, None], ())
    weight = np.column_stack([1 + np.arange(n) / 1000] * 2)
    return Examples(windows, scaling, rows, y, weight)


def real_batches(calls):
    """For each step done, its data without what is padded: the numbers of its examples tell."""
    for _, steps, _ in calls:
        data, n = steps.micro_batches, steps.n_micro_batches
        for k in range(steps.n_real):
            batch = slice(k * n, (k + 1) * n)
            real = data.weight[batch, :, 0] > 0
            targets = data.targets[batch][real][:, :2]
            yield {
                "numbers": targets[:, 0],
                "targets": targets,
                "windows": data.windows[batch].swapaxes(1, 2)[real][:, :3, :2],
                "weight": data.weight[batch][real],
                "keep": data.keep[batch][real][:, :4],
                "rate": steps.rates.rate[k],
                "shrink": steps.rates.shrink[k],
            }


@pytest.mark.parametrize("n", [1, 6, 7, 8, 31, 700])
def test_batches_follow_the_epochs_own_order_and_the_last_is_short(handed_over, n):
    """Oracle: default_rng([seed, epoch]).permutation, cut into sevens by hand."""
    examples = number_examples(n)
    train(start(SIZES, 3), examples, make_settings(), 2)
    cut = [
        np.random.default_rng([3, epoch]).permutation(n)[first : first + 7]
        for epoch in (0, 1)
        for first in range(0, n, 7)
    ]
    for batch, numbers in zip(real_batches(handed_over), cut, strict=True):
        np.testing.assert_array_equal(batch["numbers"], numbers)
        np.testing.assert_array_equal(batch["targets"], examples.y[numbers])
        expected = examples.windows.cut(examples.target_rows[numbers])
        np.testing.assert_array_equal(batch["windows"], expected)
        weight = examples.weight[numbers] / len(numbers)
        np.testing.assert_allclose(batch["weight"], weight, rtol=1e-6)


def test_without_shuffling_the_order_is_that_of_time(handed_over):
    train(start(SIZES, 3), number_examples(31), make_settings(shuffle=False), 2)
    numbers = np.concatenate([batch["numbers"] for batch in real_batches(handed_over)])
    np.testing.assert_array_equal(numbers, [*range(31), *range(31)])


def test_what_is_padded_is_zero_and_no_step_of_a_call_is_without_examples(handed_over):
    """Oracle: the sums with and without the padding."""
    train(start(SIZES, 3), number_examples(1000), make_settings(dropout=0.5), 1)
    assert [steps.n_real for _, steps, _ in handed_over] == [128, 15]
    batches = list(real_batches(handed_over))
    for name in ("targets", "windows", "weight", "keep", "rate", "shrink"):
        with_padding = sum(
            np.abs((steps.micro_batches._asdict() | steps.rates._asdict())[name]).sum(dtype=float)
            for _, steps, _ in handed_over
        )
        without = sum(np.abs(batch[name]).sum(dtype=float) for batch in batches)
        np.testing.assert_allclose(with_padding, without, rtol=1e-5)


@pytest.mark.parametrize("n", [8, 200, 700])
def test_every_length_of_a_fit_has_one_shape(handed_over, n):
    train(start(SIZES, 3), number_examples(n), make_settings(), 1)
    (shape,) = {shape for shape, _, _ in handed_over}
    for _, steps, _ in handed_over:
        assert steps.micro_batches.windows.shape == (shape.capacity, 16, shape.micro_batch_size, 2)
        assert steps.micro_batches.weight.shape == (shape.capacity, shape.micro_batch_size, 2)
        assert (steps.n_micro_batches, shape.micro_batch_size, shape.n_steps) == (
            1,
            32,
            epochs.MOST_STEPS,
        )


@pytest.mark.parametrize("dropout", [0.0, 0.1, 0.5, 0.9])
def test_dropout_keeps_its_share_and_the_mean(handed_over, dropout):
    """Oracle: of 2,800 draws the share lies within 4 deviations; what is kept is divided by it."""
    train(start(SIZES, 3), number_examples(700), make_settings(dropout=dropout), 1)
    keep = np.concatenate([batch["keep"].ravel() for batch in real_batches(handed_over)])
    deviation = np.sqrt(dropout * (1 - dropout) / keep.size)
    assert abs(keep.mean() - (1 - dropout)) <= 4 * deviation
    assert {switches.kept_share for _, _, switches in handed_over} == {1 - dropout}


def test_dropout_is_drawn_anew_in_each_epoch(handed_over):
    train(start(SIZES, 3), number_examples(31), make_settings(dropout=0.5, shuffle=False), 2)
    keep = np.concatenate([batch["keep"] for batch in real_batches(handed_over)])
    assert (keep[:31] != keep[31:]).any()


def test_the_number_of_steps_in_a_call_changes_nothing(handed_over, monkeypatch):
    """Oracle: the same fit in one call. Three units, so that numbers drawn are odd."""
    settings = make_settings(sizes=Sizes(3, 2, 3, 2), dropout=0.5)
    batches = []
    for most_steps in (64, 3):
        monkeypatch.setattr(epochs, "MOST_STEPS", most_steps)
        train(start(settings.sizes, 3), number_examples(61), settings, 2)
        batches.append(list(real_batches(handed_over)))
        handed_over.clear()
    for batch, expected in zip(*batches, strict=True):
        for name, values in batch.items():
            np.testing.assert_array_equal(values, expected[name])


def test_the_epochs_loss_is_the_mean_over_examples(monkeypatch):
    """Oracle: by hand: batches of 7, 7 and 2 with losses 1, 2 and 10."""
    losses = np.full(epochs.MOST_STEPS, np.nan, np.float32)
    losses[:3] = 1.0, 2.0, 10.0
    monkeypatch.setattr(epochs, "run_steps", lambda shape, state, *_: (state, losses))
    run = train(start(SIZES, 3), number_examples(16), make_settings(), 1)
    assert run.losses == ((7 * 1 + 7 * 2 + 2 * 10) / 16,)


def test_each_epoch_is_reported(handed_over):
    reports = []
    run = train(
        start(SIZES, 3), number_examples(5), make_settings(), 3, report=lambda *r: reports.append(r)
    )
    assert reports == [(epoch + 1, loss, None) for epoch, loss in enumerate(run.losses)]
    assert len(reports) == 3


# Rates


@pytest.mark.parametrize(
    ("decay_unit", "expected"),
    [
        ("step", [0.1, 0.1 * 0.25**0.5, 0.1 * 0.25, 0.1 * 0.25**1.5, 0.1 * 0.25**2]),
        ("epoch", [0.1, 0.1 * 0.25**0.125, 0.1 * 0.25**0.25, 0.1 * 0.25**0.375, 0.1 * 0.25**0.5]),
    ],
)
def test_the_rate_decays_continuously_by_steps_or_by_epochs(decay_unit, expected):
    """Oracle: by hand: a quarter per 2 steps, or per 2 epochs of 4 steps."""
    settings = make_settings(
        learning_rate=0.1, decay_rate=0.25, decay_steps=2.0, decay_unit=decay_unit
    )
    np.testing.assert_allclose(learning_rates(settings, np.arange(5), 4), expected, rtol=1e-12)


def test_the_bias_correction_makes_the_first_step_as_long_as_the_rate():
    """Oracle: after one gradient g Adam's moments are 0.1 g and 0.001 g**2: the ratio must be 1."""
    corrected = correct_bias(np.array([0.3]), np.array([0]))
    np.testing.assert_allclose(corrected * 0.1 / np.sqrt(0.001), [0.3], rtol=1e-12)


def test_rates_go_on_where_the_last_call_ended(handed_over):
    """Oracle: the formula for steps 0 .. 9 of 5 per epoch; weight decay follows the plain rate."""
    settings = make_settings(learning_rate=0.1, decay_rate=0.5, decay_steps=3.0, weight_decay=0.2)
    first = train(start(SIZES, 3), number_examples(31), settings, 1)
    train(first, number_examples(31), settings, 1)
    step = np.arange(10)
    rate = 0.1 * 0.5 ** (step / 5 / 3)
    corrected = rate * np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
    batches = list(real_batches(handed_over))
    np.testing.assert_allclose([batch["rate"] for batch in batches], corrected, rtol=1e-6)
    np.testing.assert_allclose([batch["shrink"] for batch in batches], 0.2 * rate, rtol=1e-6)


# Early stopping and divergence


def predict(weights, examples):
    """Predict the targets of the examples."""
    picks = np.arange(len(examples))
    return predict_rows(weights, examples.scale, picks, peephole=True, linear_skip=True)


def score_after_each_epoch(examples, tail, settings, n_epochs):
    """R2 in NumPy after 0, 1, ... epochs without early stopping, with what was trained by then."""
    trained, scores, states = start(SIZES, 3), [], []
    for epoch in range(n_epochs + 1):
        trained = train(trained, examples, settings, 1) if epoch else trained
        prediction = predict(trained.weights, tail)
        weight = tail.weight
        mean = np.sum(weight * tail.y, axis=0) / weight.sum(axis=0)
        missed = np.sum(weight * (tail.y - prediction) ** 2, axis=0)
        scores.append(np.mean(1 - missed / np.sum(weight * (tail.y - mean) ** 2, axis=0)))
        states.append(trained)
    return scores, states


def test_early_stopping_keeps_the_best_epoch():
    """Oracle: as many epochs one by one, each scored in NumPy in the user's units."""
    settings = make_settings(learning_rate=0.3)
    examples, tail = make_examples(), make_examples(40, first=60)
    validation = Validation(tail, tol=0.0, n_iter_no_change=4)
    run = train(start(SIZES, 3), examples, settings, 40, validation)
    scores, states = score_after_each_epoch(examples, tail, settings, len(run.losses))
    np.testing.assert_allclose(run.scores, scores, rtol=1e-9)
    best = int(np.argmax(scores))
    assert 0 < best < len(scores) - 1, "the case must have its best epoch in between"
    assert len(scores) == best + 1 + 4  # patience
    assert_same_bits(run, states[best])
    assert len(run.losses) == len(run.scores) - 1
    assert run.best_score == run.scores[best]
    assert run.n_windows == len(run.losses) * len(examples)


@pytest.mark.parametrize(
    ("scores", "tol", "n_scores"),
    [
        ([1, 2, 3, 4, 5, 6, 7], 0.0, 7),  # never stuck
        ([1, 5, 2, 3, 4, 9, 9], 0.0, 5),  # 2, 3, 4 are not above 5
        ([1, 5, 5, 5, 5, 9, 9], 0.0, 5),  # nor are equals
        ([1, 5, 2, 6, 3, 4, 5], 0.0, 7),  # 6 came in time
        ([1, 2, 3, 4, 5, 6, 7], 3.0, 4),  # 4 is not more than 3 above 1
        ([1, 2, 3, 4.5, 5, 6, 7], 3.0, 5),  # 4.5 is, but 5 is not more than 3 above 2
    ],
)
def test_training_stops_when_three_epochs_did_not_beat_the_best_before(
    handed_over, monkeypatch, scores, tol, n_scores
):
    """Oracle: by hand. The first score is that of the network before its first epoch."""
    values = iter(scores)
    monkeypatch.setattr(TailScore, "compute", lambda *_: next(values))
    validation = Validation(number_examples(5), tol, n_iter_no_change=3)
    run = train(start(SIZES, 3), number_examples(5), make_settings(), len(scores) - 1, validation)
    assert run.scores == tuple(scores[:n_scores])


def test_a_later_call_stops_by_its_own_scores_and_keeps_what_was_better(handed_over, monkeypatch):
    """Oracle: by hand: 9 is scored again at the beginning of the second call, and stays best."""
    values = iter([0, 9, 9, 1, 2, 8])
    monkeypatch.setattr(TailScore, "compute", lambda *_: next(values))
    validation = Validation(number_examples(5), 0.0, n_iter_no_change=3)
    first = train(start(SIZES, 3), number_examples(5), make_settings(), 1, validation)
    rest = train(first, number_examples(5), make_settings(), 9, validation)
    assert rest.scores == (0, 9, 1, 2, 8)
    assert (first.n_epochs, rest.n_epochs, rest.best_score) == (1, 1, 9)
    assert_same_bits(rest, first)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_score_beside_the_next_epoch_changes_nothing(monkeypatch, n_threads):
    """Oracle: the bits of a fit whose scores are waited for; every epoch trained is reported."""
    trained_epochs = []

    def count(state, number, *rest):
        trained_epochs.append(number)
        return train_epoch(state, number, *rest)

    settings = make_settings(learning_rate=0.3)
    validation = Validation(make_examples(40, first=60), tol=0.0, n_iter_no_change=4)
    with threadpool_limits(1, user_api="blas"):
        waited = train(start(SIZES, 3), make_examples(), settings, 40, validation)
    assert len(waited.scores) < 40, "the case must end early"
    monkeypatch.setattr(epochs, "train_epoch", count)
    with threadpool_limits(n_threads, user_api="blas"):
        run = train(start(SIZES, 3), make_examples(), settings, 40, validation)
    assert trained_epochs == list(range(1, len(run.scores)))
    assert (run.scores, run.losses, run.n_epochs) == (waited.scores, waited.losses, waited.n_epochs)
    assert_same_bits(run, waited)


@pytest.mark.parametrize(("size", "epoch"), [(1e30, 1), (1.0, 2)], ids=["target", "rate"])
def test_a_loss_that_is_no_number_stops_the_fit_and_says_where(size, epoch):
    """Oracle: float32 ends at 3e38: the square of 1e30 is beyond, and so is a step of 1e25's."""
    examples = number_examples(6)
    examples = replace(examples, y=size * examples.y)
    rate = 0.01 if epoch == 1 else 1e25
    message = rf"became (inf|nan) in epoch {epoch} at learning_rate={rate}\. Use a smaller"
    with pytest.raises(ValueError, match=message.replace("+", r"\+")):
        train(draw_trained(), examples, make_settings(learning_rate=rate), 5)


# Targets that are their centre


def make_constant_examples(output):
    """The same, but one output never changes, and its centre is this number to the last bit."""
    examples = make_examples()
    y = examples.y.copy()
    y[:, output] = 0.7
    read = TrainingRows(examples.windows.cut(examples.target_rows), examples.windows.block, y)
    targets = [None if output == 0 else TargetColumn(0, 0, 1.0, 0.0), None]
    return replace(examples, y=y, scaling=fit_scaling("standard", read, targets, ()))


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
@pytest.mark.parametrize("output", [0, 1])
def test_a_network_says_nothing_of_an_output_that_is_always_its_centre(loss, output):
    """Oracle: weights of zero, the start; the other output is learnt."""
    settings = make_settings(loss=loss, quantiles=(0.9,))
    weights = train(start(SIZES, 0), make_constant_examples(output), settings, 2).weights
    for array in (weights.head, weights.head_bias, weights.skip):
        np.testing.assert_array_equal(array[..., output], 0)
        assert array[..., 1 - output].all()


@pytest.mark.parametrize("loss", ["squared_error", "quantile"])
def test_what_a_network_says_is_taught_to_be_zero_where_it_is(loss):
    """Oracle: by hand: its error must shrink."""
    examples, settings = make_constant_examples(1), make_settings(loss=loss, quantiles=(0.5,))
    run = train(draw_trained(), examples, settings, 10)
    before, after = (
        predict(weights, examples)[:, 1] for weights in (draw_trained().weights, run.weights)
    )
    assert np.abs(after - 0.7).mean() < 0.5 * np.abs(before - 0.7).mean()
