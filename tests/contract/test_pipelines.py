"""Pipelines of many kinds around `LSTMRegressor`: which transformed rows a prediction reads.

The oracle is the alignment rule, cut by hand out of the transformed rows: those of training, then
those of the test. Few counts of columns are used, since each has compiled programs of its own.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from small_regressor import bare

N_TRAIN = 60
N_ROWS = 90


def make_frame(n_rows):
    """A random walk that has a logarithm, a volume, the day of the week, noise."""
    rng = np.random.default_rng(0)
    columns = {
        "price": 20 + rng.normal(size=n_rows).cumsum(),
        "volume": rng.uniform(1, 9, size=n_rows),
        "weekday": np.arange(n_rows) % 7,
        "noise": rng.normal(size=n_rows),
    }
    return pd.DataFrame(columns, index=pd.date_range("2024-01-01", periods=n_rows))


LONGER = make_frame(N_ROWS + 2)  # for targets one and two rows later
FRAME = LONGER[:N_ROWS]
PRICE = FRAME["price"]
LATER = pd.DataFrame({f"price {d} later": LONGER["price"].shift(-d) for d in (1, 2)})[:N_ROWS]


def columns(*parts):
    """A ColumnTransformer of pairs (transformer, names), in the order given."""
    named = [(f"part{number}", *part) for number, part in enumerate(parts)]
    return ColumnTransformer(named, verbose_feature_names_out=False)


def to_circle(weekday):
    angle = 2 * np.pi * np.asarray(weekday) / 7
    return np.column_stack([np.sin(angle), np.cos(angle)])


def to_float32(X):
    return np.asarray(X, dtype=np.float32)


WEEK = np.linspace(0, 7, 4).reshape(-1, 1)
THREE = ("passthrough", ["price", "weekday", "noise"])


def reorder():
    return columns(
        (StandardScaler(), ["noise"]), ("passthrough", ["weekday"]), (MinMaxScaler(), ["price"])
    )


def log_price():
    return columns((FunctionTransformer(np.log), ["price"]), ("passthrough", ["volume", "noise"]))


SINGLE = {  # name: the pipeline; the target is the price of the same row
    "standardised": make_pipeline(columns(THREE), StandardScaler(), bare()),
    "to 0..1, 3 rows ahead": make_pipeline(columns(THREE), MinMaxScaler(), bare(horizon=3)),
    "robust, a long window": make_pipeline(
        columns(THREE), RobustScaler(), bare(window_length=8, horizon=3)
    ),
    "reordered, pandas output": make_pipeline(reorder(), bare()).set_output(transform="pandas"),
    "principal components": make_pipeline(StandardScaler(), PCA(3), bare()),
    "price beside principal components": make_pipeline(
        columns(
            ("passthrough", ["price"]),
            (
                make_pipeline(StandardScaler(), PCA(2, whiten=True)),
                ["volume", "weekday", "noise"],
            ),
        ),
        bare(horizon=3),
    ),
    "components beside scaled columns": make_pipeline(
        FeatureUnion([("components", PCA(1)), ("scaled", MinMaxScaler())]),
        columns(("passthrough", [0, 1, 3, 4])),
        bare(),
    ),
    "products of columns": make_pipeline(
        columns(THREE),
        StandardScaler(),
        PolynomialFeatures(interaction_only=True, include_bias=False),
        bare(),
    ),
    "squares and a constant": make_pipeline(
        columns((PolynomialFeatures(2), ["price", "noise"])), bare(horizon=3)
    ),
    "noise in bins": make_pipeline(
        columns(
            ("passthrough", ["price", "volume"]),
            (KBinsDiscretizer(4, encode="ordinal", strategy="uniform"), ["noise"]),
        ),
        bare(),
    ),
    "normal quantiles beside the price": make_pipeline(
        columns(
            ("passthrough", ["price"]),
            (
                QuantileTransformer(n_quantiles=20, output_distribution="normal"),
                ["volume", "weekday", "noise"],
            ),
        ),
        bare(),
    ),
    "float32 rows": make_pipeline(columns(THREE), FunctionTransformer(to_float32), bare()),
    "pipelines in pipelines": make_pipeline(
        make_pipeline(columns(THREE), make_pipeline(StandardScaler(), MinMaxScaler())),
        make_pipeline(RobustScaler(), make_pipeline(StandardScaler(), bare(horizon=3))),
    ),
    "logarithms": TransformedTargetRegressor(
        make_pipeline(log_price(), bare()), func=np.log, inverse_func=np.exp
    ),
    "logarithms, 3 rows ahead, pandas output": TransformedTargetRegressor(
        make_pipeline(log_price(), StandardScaler(), bare(horizon=3)).set_output(
            transform="pandas"
        ),
        func=np.log,
        inverse_func=np.exp,
    ),
    "standardised target": TransformedTargetRegressor(
        make_pipeline(StandardScaler(), bare()), transformer=StandardScaler()
    ),
    "scaled target inside the pipeline": make_pipeline(
        columns(THREE),
        RobustScaler(),
        TransformedTargetRegressor(bare(), transformer=MinMaxScaler((-1, 1))),
    ),
    "quantiles of target and price": TransformedTargetRegressor(
        make_pipeline(
            columns(
                (QuantileTransformer(n_quantiles=N_TRAIN), ["price"]),
                ("passthrough", ["volume", "noise"]),
            ),
            bare(),
        ),
        transformer=QuantileTransformer(n_quantiles=N_TRAIN),
    ),
    "volume scaled by the window": make_pipeline(
        columns(("passthrough", ["price", "volume", "noise"])),
        StandardScaler(),
        bare(scaling="window", window_columns=1),
    ),
} | {
    f"scaling={kind!r}": make_pipeline(columns(THREE), StandardScaler(), bare(scaling=kind))
    for kind in ("window", "center", "standard", "minmax", None)
}
KNOWN = {  # name: the pipeline, and where the columns known in advance stand in its output
    "known by position": (make_pipeline(reorder(), bare(known_columns=1)), [1]),
    "known by position, 3 rows ahead": (
        make_pipeline(reorder(), bare(known_columns=[1, 0], horizon=3)),
        [0, 1],
    ),
    "known by name": (
        make_pipeline(reorder(), bare(known_columns="weekday", horizon=3)).set_output(
            transform="pandas"
        ),
        [1],
    ),
    "known by a name with prefix": (
        make_pipeline(
            reorder().set_params(verbose_feature_names_out=True),
            bare(known_columns=["part1__weekday"]),
        ).set_output(transform="pandas"),
        [1],
    ),
    "splines of the weekday": (
        make_pipeline(
            columns(
                ("passthrough", ["price", "volume", "noise"]),
                (SplineTransformer(degree=2, knots=WEEK, extrapolation="periodic"), ["weekday"]),
            ),
            bare(known_columns=[3, 4, 5]),
        ),
        [3, 4, 5],
    ),
    "a column for each part of the week": (
        make_pipeline(
            columns(
                (KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform"), ["weekday"]),
                (StandardScaler(), ["price"]),
            ),
            bare(known_columns=[0, 1, 2], horizon=3),
        ),
        [0, 1, 2],
    ),
    "the week as a circle, logarithms": (
        TransformedTargetRegressor(
            make_pipeline(
                columns(
                    (FunctionTransformer(np.log), ["price", "volume"]),
                    (FunctionTransformer(to_circle), ["weekday"]),
                ),
                bare(known_columns=[2, 3], horizon=3),
            ),
            func=np.log,
            inverse_func=np.exp,
        ),
        [2, 3],
    ),
}
TARGETS = {  # name: the pipeline, and its target
    "horizon 0": (
        make_pipeline(columns(THREE), RobustScaler(), bare(horizon=0)),
        LATER.iloc[:, 0],
    ),
    "horizon 0, scaled target": (
        TransformedTargetRegressor(
            make_pipeline(columns(THREE), MinMaxScaler(), bare(horizon=0)),
            transformer=StandardScaler(),
        ),
        LATER.iloc[:, 0],
    ),
    "two outputs": (
        make_pipeline(columns(THREE), StandardScaler(), bare()),
        FRAME[["price", "noise"]],
    ),
    "two leads, scaled targets": (
        TransformedTargetRegressor(
            make_pipeline(columns(THREE), StandardScaler(), bare(horizon=0)),
            transformer=MinMaxScaler(),
        ),
        LATER,
    ),
}
PIPELINES = (
    {name: (pipeline, [], PRICE) for name, pipeline in SINGLE.items()}
    | {name: (pipeline, known, PRICE) for name, (pipeline, known) in KNOWN.items()}
    | {name: (pipeline, [], target) for name, (pipeline, target) in TARGETS.items()}
)


def predict_by_hand(estimator, train, test, known):
    """The rule: row t reads rows t-h-w+1 .. t-h of training and test, known ones h rows later."""
    if isinstance(estimator, Pipeline):
        before = estimator[:-1]
        train, test = before.transform(train), before.transform(test)
        return predict_by_hand(estimator[-1], train, test, known)
    if isinstance(estimator, TransformedTargetRegressor):
        predictions = predict_by_hand(estimator.regressor_, train, test, known)
        return estimator.transformer_.inverse_transform(predictions)
    w, h = estimator.window_length, estimator.horizon
    block = np.concatenate([train, test]).astype(np.float64)
    rows = range(len(train), len(block))
    windows = np.stack([block[t - h - w + 1 : t - h + 1] for t in rows])
    windows[:, :, known] = np.stack([block[t - w + 1 : t + 1, known] for t in rows])
    return estimator.model_({"window": windows}).numpy()


@pytest.mark.parametrize("name", PIPELINES)
def test_the_rows_after_training_are_predicted_from_windows_of_the_transformed_rows(name):
    """Oracle: windows cut by hand, through the fitted network and the target's way back."""
    pipeline, known, target = PIPELINES[name]
    train, test = FRAME[:N_TRAIN], FRAME[N_TRAIN:]
    fitted = clone(pipeline).fit(train, target[:N_TRAIN])
    expected = predict_by_hand(fitted, train, test, known)
    largest = np.abs(expected).max()
    predictions = fitted.predict(test).reshape(expected.shape)
    np.testing.assert_allclose(predictions, expected, rtol=0, atol=1e-5 * largest)
    # Else another row's window would do.
    assert np.abs(np.diff(expected, axis=0)).max() > 1e-3 * largest
