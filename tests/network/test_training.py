"""The compiled program, against Keras' autodiff and Adam in NumPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from small_networks import (
    SIZES,
    assert_close,
    compile_gradient,
    draw_weights,
    make_shape,
    make_switches,
    mark_kernels,
)

from sklstm._lstm.epochs import correct_bias, learning_rates
from sklstm._lstm.settings import TrainingSettings
from sklstm._network import programs
from sklstm._network.gradient import MicroBatch
from sklstm._network.parameters import flatten_parameters, lay_out
from sklstm._network.sizes import Sizes, pad_sizes
from sklstm._network.training import (
    Rates,
    State,
    Steps,
    move,
    run_steps,
)
from sklstm._network.weights import flatten, pad_to, unflatten, zero_weights

# Adam


def make_settings(sizes, **changes):
    chosen = {
        "peephole": True,
        "linear_skip": True,
        "dropout": 0.0,
        "learning_rate": 0.01,
        "decay_rate": 1.0,
        "decay_steps": 1.0,
        "decay_unit": "epoch",
        "batch_size": 8,
        "shuffle": True,
        "loss": "squared_error",
        "quantiles": (),
        "clipnorm": None,
        "weight_decay": 0.0,
        "seed": 0,
    }
    return TrainingSettings(sizes=sizes, **{**chosen, **changes})


def run_adam(flat, gradients, rates, weight_decay, clipnorm, is_kernel):
    """Adam as Kingma & Ba (2015) write it at the end of section 2, decay as Loshchilov & Hutter."""
    mean = variance = np.zeros(len(flat))
    for t, (gradient, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        gradient = gradient * min(1.0, clipnorm / np.sqrt(np.sum(gradient**2)))
        mean = 0.9 * mean + 0.1 * gradient
        variance = 0.999 * variance + 0.001 * gradient**2
        step = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * mean / (np.sqrt(variance) + 1e-8)
        flat = flat - rate * weight_decay * flat * is_kernel - step
    return flat, mean, variance


def move_flat(state, gradient, rates, clipnorm, sizes):
    """One Adam step on flat weights and moments."""
    parts = (lay_out(part, sizes) for part in state[:3])
    gradient = lay_out(gradient, sizes)
    moved = move(State(*parts, state.n_steps), gradient, rates, tf.constant(clipnorm), sizes)
    return State(*(flatten_parameters(part, sizes) for part in moved[:3]), moved.n_steps)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("clipnorm", [np.inf, 2.0])
def test_twenty_adam_steps_are_those_of_numpy(weight_decay, clipnorm):
    """Oracle: NumPy in float64, its rates by hand: 0.05 * 0.8 ** (t / 3), t in steps."""
    settings = make_settings(
        SIZES, learning_rate=0.05, decay_rate=0.8, decay_steps=3.0, decay_unit="step"
    )
    padded, rng, numbers = pad_sizes(SIZES), np.random.default_rng(2), np.arange(20)
    rates = learning_rates(settings, numbers, steps_per_epoch=7)
    corrected = correct_bias(rates, numbers).astype(np.float32)
    # Gradients of all sizes, zero where padded; about half of them are longer than 2.
    gradients = [
        flatten(draw_weights(SIZES, seed), padded) * np.float32(10 ** rng.uniform(-3, 1))
        for seed in range(20)
    ]
    start = flatten(draw_weights(SIZES, seed=99), padded)
    state = State(start, 0 * start, 0 * start, 0)
    for gradient, rate, step_rate in zip(gradients, corrected, rates, strict=True):
        rates = Rates(rate, np.float32(step_rate * weight_decay))
        state = move_flat(state, gradient, rates, np.float32(clipnorm), padded)

    gradients = [gradient.astype(np.float64) for gradient in gradients]
    by_hand = 0.05 * 0.8 ** (numbers / 3)
    expected = run_adam(
        start.astype(np.float64), gradients, by_hand, weight_decay, clipnorm, mark_kernels(padded)
    )
    assert state.n_steps == 20
    for actual, part in zip(state[:3], expected, strict=True):
        assert_close(actual, part)
        real = flatten(unflatten(actual.numpy(), padded, SIZES), padded)
        np.testing.assert_array_equal(actual, real)  # what is padded is still zero


def test_a_gradient_of_zero_is_clipped_to_zero():
    """Oracle: by hand: nothing moves, and 0 / 0 is nowhere."""
    padded = pad_sizes(SIZES)
    start = tf.constant(flatten(draw_weights(SIZES), padded))
    state = State(start, 0 * start, 0 * start, 0)
    moved = move_flat(state, 0 * start, Rates(0.1, 0.0), 1.0, padded)
    np.testing.assert_array_equal(moved[:3], state[:3])


# The program of many steps

PROGRAM_SIZES = Sizes(window_length=3, n_features=2, units=4, n_outputs=2)
SHAPE = make_shape(PROGRAM_SIZES)


def draw_state(sizes=PROGRAM_SIZES):
    padded = pad_sizes(sizes)
    nothing = flatten(zero_weights(sizes), padded)
    return State(flatten(draw_weights(sizes), padded), nothing, nothing, 0)


def draw_steps(n_real, sizes=PROGRAM_SIZES, shape=SHAPE):
    """Steps of two micro-batches: `n_real` hold examples, the last of these few; the others NaN."""
    rng, wide = np.random.default_rng(5), shape.sizes
    micro_batches, first_empty = (shape.capacity, shape.micro_batch_size), 2 * n_real

    def lay_out(widths, padded_widths):
        values = rng.normal(size=(*micro_batches, *widths)).astype(np.float32)
        table = pad_to(values, (*micro_batches, *padded_widths))
        table[first_empty:] = np.nan
        return table

    weight = np.full(micro_batches, 1 / (2 * shape.micro_batch_size), np.float32)
    weight[first_empty - 2 : first_empty] = 0
    weight[first_empty - 2, :3] = 1 / 3
    windows = lay_out(
        (sizes.window_length, sizes.n_features), (wide.window_length, wide.n_features)
    )
    return Steps(
        MicroBatch(
            windows=windows.swapaxes(1, 2),
            targets=lay_out((sizes.n_outputs,), (wide.n_outputs,)),
            weight=np.repeat(weight[..., None], wide.n_outputs, axis=-1),
            keep=lay_out((sizes.units,), (wide.units,)) > 0,
        ),
        Rates(
            rate=np.linspace(0.01, 0.02, shape.n_steps, dtype=np.float32),
            shrink=np.linspace(1e-3, 2e-3, shape.n_steps, dtype=np.float32),
        ),
        n_micro_batches=2,
        n_real=n_real,
    )


def take_steps(steps, first, n_real):
    """The same data from step `first` on."""
    return Steps(
        MicroBatch(*(np.roll(values, -2 * first, axis=0) for values in steps.micro_batches[:4])),
        Rates(*(np.roll(values, -first) for values in steps.rates)),
        steps.n_micro_batches,
        n_real,
    )


def read_state(state):
    return [np.asarray(part) for part in state[:3]]


def test_steps_are_done_one_by_one_and_none_beyond_the_real_ones():
    """Oracle: each gradient and each Adam step by itself; the steps not to be done hold NaN."""
    switches, steps = make_switches(PROGRAM_SIZES), draw_steps(n_real=3)
    state, losses = run_steps(SHAPE, draw_state(), steps, switches)
    expected, expected_losses = draw_state(), np.zeros(SHAPE.n_steps)
    differentiate = compile_gradient(SHAPE)
    for k in range(3):
        batch = MicroBatch(*(values[2 * k : 2 * k + 2] for values in steps.micro_batches))
        expected_losses[k], gradient = differentiate(expected.weights, batch, switches)
        rates = Rates(*(values[k] for values in steps.rates))
        expected = move_flat(expected, gradient, rates, switches.clipnorm, SHAPE.sizes)
    assert_close(losses, expected_losses)
    for actual, part in zip(read_state(state), read_state(expected), strict=True):
        assert_close(actual, part)


def test_without_real_steps_nothing_moves():
    """Adam would move even at zero gradient."""
    begun, _ = run_steps(SHAPE, draw_state(), draw_steps(3), make_switches(PROGRAM_SIZES))
    state, _ = run_steps(SHAPE, begun, draw_steps(0), make_switches(PROGRAM_SIZES))
    for before, after in zip(read_state(begun), read_state(state), strict=True):
        np.testing.assert_array_equal(before, after)
    assert (int(begun.n_steps), int(state.n_steps)) == (3, 3)


def test_two_calls_do_bit_for_bit_what_one_does():
    switches, steps = make_switches(PROGRAM_SIZES), draw_steps(n_real=7)
    at_once, losses = run_steps(SHAPE, draw_state(), steps, switches)
    state, first = run_steps(SHAPE, draw_state(), take_steps(steps, 0, 4), switches)
    state, rest = run_steps(SHAPE, state, take_steps(steps, 4, 3), switches)
    for actual, expected in zip(read_state(state), read_state(at_once), strict=True):
        np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal([*first[:4], *rest[:3]], losses[:7])


def test_padding_is_still_exactly_zero_after_many_steps():
    switches = make_switches(PROGRAM_SIZES, clipnorm=1.0)
    state, _ = run_steps(SHAPE, draw_state(), draw_steps(SHAPE.n_steps), switches)
    for part, before in zip(read_state(state), read_state(draw_state()), strict=True):
        real = unflatten(part, SHAPE.sizes, PROGRAM_SIZES)
        np.testing.assert_array_equal(part, flatten(real, SHAPE.sizes))
        assert (part != before).any()


# One program per shape


def forget_programs(monkeypatch):
    """Let every program be built anew, without XLA to save time; list those built from now on."""
    built, make = [], tf.function

    def record(*args, **settings):
        built.append(make(*args, **settings))
        return built[-1]

    monkeypatch.setattr(tf, "function", record)
    monkeypatch.setattr(programs, "has_xla", lambda: False)
    monkeypatch.setattr(programs, "_PROGRAMS", {})
    return built


@pytest.fixture
def built(monkeypatch):
    return forget_programs(monkeypatch)


def test_fits_of_one_shape_share_one_program(built):
    """Oracle: TensorFlow's count of traces: whatever is no shape must be an input."""
    state = draw_state()
    for n_real, window_length, flag, clipnorm, quantiles in [
        (1, 3, True, np.inf, (0.5,)),
        (2, 2, False, 1.0, (0.5, 0.9)),
        (64, 1, True, 2.0, (np.float64(0.1),)),
    ]:
        sizes = Sizes(window_length, 2, 4, 2)
        switches = make_switches(sizes, flag, flag, clipnorm, quantiles)
        steps = draw_steps(n_real, sizes)
        state, _ = run_steps(SHAPE, state, steps, switches)
    assert [program.experimental_get_tracing_count() for program in built] == [1]


def test_another_shape_is_another_program(built):
    other = make_shape(PROGRAM_SIZES, micro_batch_size=8, capacity=8, n_steps=4, loss="huber")
    switches = make_switches(PROGRAM_SIZES)
    for shape in (SHAPE, other, SHAPE):
        run_steps(shape, draw_state(), draw_steps(2, shape=shape), switches)
    assert len(built) == 2


def test_fits_in_threads_share_one_program_too(built):
    """Oracle: the state that one fit by itself comes to."""
    switches = make_switches(PROGRAM_SIZES)

    def fit(_):
        return read_state(run_steps(SHAPE, draw_state(), draw_steps(9), switches)[0])

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(fit, range(8)))
    assert [program.experimental_get_tracing_count() for program in built] == [1]
    for state in states:
        np.testing.assert_array_equal(np.concatenate(state), np.concatenate(fit(None)))


# Without XLA


def run_program():
    """What a few steps come to."""
    switches = make_switches(PROGRAM_SIZES)
    state, losses = run_steps(SHAPE, draw_state(), draw_steps(9), switches)
    return [*read_state(state), losses]


def test_without_xla_the_numbers_are_the_same(monkeypatch):
    """Oracle: the program that XLA compiled."""
    compiled = run_program()
    built = forget_programs(monkeypatch)
    plain = run_program()
    assert len(built) == 1
    for actual, expected in zip(plain, compiled, strict=True):
        assert_close(actual, expected, tolerance=1e-6)
