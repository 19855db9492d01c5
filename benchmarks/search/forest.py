"""How well do forests know the scores and seconds of configurations that they have not seen?

    python -m benchmarks.search.forest

A forest answers in place of fits: searches on it cost nothing but their own time. landscape.py
wrote the tables that it learns from. It learns the logarithm of each fold's RMSE: the worst
configurations are twice as bad as the best, and without it the trees would be spent on telling bad
from worse. A leaf holds two configurations or more, which predicts others better than one does.
`StandIn` is the regressor that a search on a forest is given.

Time: 20 seconds.
Figures: docs/search_strategies.md, "How it was measured".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, TimeSeriesSplit, cross_val_predict
from skopt.space import Categorical, Dimension

from benchmarks.search.landscape import FOLDER
from benchmarks.tools.arguments import make_parser
from benchmarks.tools.tables import write_table
from sklstm import BayesTimeSeriesSearchCV
from sklstm._search.proposals.dimensions import SearchSpace
from sklstm.spaces import article_space, lstm_space

SERIES = ("nile", "sunspots", "stock")
N_FOLDS = 5
ROWS_OF_FOLD = 10  # of the stand-in's rows, whose only use is that folds differ in length
ROWS = np.zeros((ROWS_OF_FOLD * (N_FOLDS + 1), 1))
FOLDS = TimeSeriesSplit(N_FOLDS)


@dataclass(frozen=True)
class Table:
    """What landscape.py measured on one series."""

    space: dict[str, Dimension]
    configurations: list[dict[str, Any]]
    errors: np.ndarray  # (n, N_FOLDS), the RMSE of each fold, the shortest first
    seconds: np.ndarray  # (n, N_FOLDS)


def read_table(series: str) -> Table:
    frame = pd.read_csv(FOLDER / f"{series}.csv")
    space = _find_space(frame)
    return Table(
        dict(sorted(space.items())),
        frame[sorted(space)].astype(object).to_dict("records"),
        -frame[[f"score{fold}" for fold in range(N_FOLDS)]].to_numpy(),
        frame[[f"seconds{fold}" for fold in range(N_FOLDS)]].to_numpy(),
    )


def _find_space(frame: pd.DataFrame) -> dict[str, Dimension]:
    """Find the space that was searched: the article's, or the default one as it was cut to folds.

    Of 400 configurations, some have the longest window.
    """
    if "decay_steps" in frame:
        return article_space()
    space = lstm_space(n_rows=1000)
    length = space["window_length"]
    return space | {"window_length": type(length)(length.low, int(frame["window_length"].max()))}


def express(configurations: list[Mapping[str, Any]], space: dict[str, Dimension]) -> np.ndarray:
    """Express configurations as the forest's inputs, (n, n_inputs).

    Logarithms where the space is log-uniform, an indicator for each category.
    """
    return np.array(
        [
            [entry for name, dim in space.items() for entry in _express(params[name], dim)]
            for params in configurations
        ],
        dtype=np.float32,
    )


def _express(value: Any, dimension: Dimension) -> list[float]:
    if isinstance(dimension, Categorical):
        return [value == category for category in dimension.categories]
    return [math.log(value) if dimension.prior == "log-uniform" else value]


def make_trees() -> ExtraTreesRegressor:
    return ExtraTreesRegressor(300, min_samples_leaf=2, random_state=0)


class Nodes:
    """A fitted forest as arrays of nodes: 0.3 ms for one answer, where `predict` takes 20 ms."""

    def __init__(self, trees: ExtraTreesRegressor) -> None:
        parts = [tree.tree_ for tree in trees.estimators_]
        sizes = [part.node_count for part in parts]
        self.roots = np.cumsum([0, *sizes[:-1]])
        self.feature = np.concatenate([part.feature for part in parts]).clip(min=0)
        self.threshold = np.concatenate([part.threshold for part in parts])
        self.value = np.concatenate([part.value[:, :, 0] for part in parts])
        self.left, self.right = (
            np.concatenate(
                [_number(side, root) for side, root in zip(sides, self.roots, strict=True)]
            )
            for sides in (
                [part.children_left for part in parts],
                [part.children_right for part in parts],
            )
        )

    def answer(self, inputs: np.ndarray) -> np.ndarray:
        """Answer for one configuration, (n_inputs,): the mean over the trees, (n_outputs,)."""
        node, before = self.roots, None
        while before is None or not np.array_equal(node, before):
            before = node
            goes_left = inputs[self.feature[node]] <= self.threshold[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        return self.value[node].mean(axis=0)


def _number(children: np.ndarray, root: int) -> np.ndarray:
    """Number a tree's children among all trees' nodes; a leaf leads to itself."""
    return root + np.where(children < 0, np.arange(len(children)), children)


@dataclass(frozen=True)
class Fit:
    """A fold of a configuration that a search has fitted."""

    params: dict[str, Any]
    fold: int
    began: float  # CPU seconds of this process
    ended: float


class Forest:
    """The landscape of one series, and a record of the fits that it was asked for."""

    def __init__(self, table: Table) -> None:
        self.space = table.space
        self.defaults = table.configurations[0]
        inputs = express(table.configurations, self.space)
        self._log_errors = make_trees().fit(inputs, np.log(table.errors))
        self._log_seconds = make_trees().fit(inputs, np.log(table.seconds))
        self._nodes = Nodes(self._log_errors), Nodes(self._log_seconds)
        self.fits: list[Fit] = []

    def scores(self, params: Mapping[str, Any]) -> np.ndarray:
        """Minus the RMSE of each fold, (N_FOLDS,)."""
        return -self._answer(0, params)

    def seconds(self, params: Mapping[str, Any]) -> np.ndarray:
        """The seconds that each fold takes, (N_FOLDS,)."""
        return self._answer(1, params)

    def _answer(self, which: int, params: Mapping[str, Any]) -> np.ndarray:
        return np.exp(self._nodes[which].answer(express([params], self.space)[0]))

    def errors(self, configurations: list[dict[str, Any]]) -> np.ndarray:
        """The mean RMSE of each of many configurations."""
        logs = self._log_errors.predict(express(configurations, self.space))
        return np.exp(logs).mean(axis=1)

    def fit(self, params: dict[str, Any], fold: int) -> float:
        """Score a configuration on a fold, and put it on record."""
        began = process_time()
        score = float(self.scores(params)[fold])
        self.fits.append(Fit(params, fold, began, process_time()))
        return score

    def __sklearn_clone__(self) -> "Forest":
        return self  # or each fit of a StandIn would copy the trees, and the record

    @cached_property
    def least_error(self) -> float:
        """The least mean RMSE that there is, as far as random and local search can tell."""
        space, rng = SearchSpace(self.space, 1), np.random.RandomState(0)
        found = [space.sample(rng) for _ in range(20_000)]
        for _ in range(20):
            errors = self.errors([space.decode(point) for point in found])
            parents = [found[place] for place in np.argsort(errors)[:100]]
            found = parents + [_change(parent, space, rng) for parent in parents for _ in range(10)]
        return float(self.errors([space.decode(point) for point in parents]).min())


def _change(point: tuple, space: SearchSpace, rng: np.random.RandomState) -> tuple:
    """Draw one or two of a point's parameters anew."""
    changed = list(point)
    other = space.sample(rng)
    for place in rng.randint(len(point), size=2):
        changed[place] = other[place]
    return tuple(changed)


class StandIn(RegressorMixin, BaseEstimator):
    """A regressor with the parameters of the space, whose fits cost nothing.

    Of the default space, and of the article's. It is told from the number of training rows which
    fold it is fitted on, so it is searched on `ROWS` and `FOLDS`, with `read_score` for scoring.
    """

    def __init__(
        self,
        forest,
        batch_size=32,
        decay_rate=0.9,
        decay_steps=1,
        dropout=0.0,
        epochs=50,
        learning_rate=0.01,
        linear_skip=True,
        scaling="auto",
        units=32,
        weight_decay=0.1,
        window_length=8,
    ):
        self.forest = forest
        self.batch_size = batch_size
        self.decay_rate = decay_rate
        self.decay_steps = decay_steps
        self.dropout = dropout
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.linear_skip = linear_skip
        self.scaling = scaling
        self.units = units
        self.weight_decay = weight_decay
        self.window_length = window_length

    def fit(self, X, y):
        params = {name: getattr(self, name) for name in self.forest.space}
        self.score_ = self.forest.fit(params, fold=len(X) // ROWS_OF_FOLD - 1)
        return self


def read_score(stand_in: StandIn, X, y) -> float:
    return stand_in.score_


def search_ours(
    forest: Forest, n_iter: int, seed: int, pruning: bool = False, **settings: Any
) -> BayesTimeSeriesSearchCV:
    """Search on a forest; on all folds, as the others do, unless pruning is asked for."""
    return BayesTimeSeriesSearchCV(
        StandIn(forest, **forest.defaults),
        forest.space,
        n_iter=n_iter,
        scoring=read_score,
        cv=FOLDS,
        refit=False,
        pruning=pruning,
        random_state=seed,
        **settings,
    ).fit(ROWS, ROWS[:, 0])


def load_forest(series: str) -> Forest:
    return Forest(read_table(series))


def describe_forest(series: str) -> list[str]:
    """Tell how good a forest is at what it has not seen, and what there is to find on it."""
    table = read_table(series)
    forest = Forest(table)
    inputs = express(table.configurations, table.space)
    folds = KFold(10, shuffle=True, random_state=0)
    errors = np.exp(cross_val_predict(make_trees(), inputs, np.log(table.errors), cv=folds))
    seconds = np.exp(cross_val_predict(make_trees(), inputs, np.log(table.seconds), cv=folds))
    mean, guess = table.errors.mean(axis=1), errors.mean(axis=1)
    is_good = mean <= np.quantile(mean, 0.25)
    return [
        series,
        f"{r2_score(mean, guess):.2f}",
        f"{spearmanr(mean, guess).statistic:.2f}",
        f"{spearmanr(mean[is_good], guess[is_good]).statistic:.2f}",
        f"{r2_score(np.log(table.seconds.sum(axis=1)), np.log(seconds.sum(axis=1))):.2f}",
        *(f"{error:.4g}" for error in (mean[0], mean.min(), np.median(mean))),
        *(f"{error:.4g}" for error in (-forest.scores(forest.defaults).mean(), forest.least_error)),
    ]


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--series", nargs="+", default=list(SERIES), choices=SERIES)
    arguments = parser.parse_args()
    head = ["series", "R2 of the RMSE", "its rank correlation", "among the best quarter"]
    head += ["R2 of log seconds", "table: defaults", "best of 400", "median"]
    head += ["forest: defaults", "least found"]
    print(write_table(head, [describe_forest(series) for series in arguments.series]))


if __name__ == "__main__":
    main()
