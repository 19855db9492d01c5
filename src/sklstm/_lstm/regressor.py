"""`LSTMRegressor`: its parameters, `fit`, `predict`, `forecast`.

Each of their steps is a function of another module; the class keeps scikit-learn's contract.
Modules that import TensorFlow are imported inside the methods that need them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from sklstm._callbacks import CallbackSupportMixin, name_metadata
from sklstm._documentation import LinksToDocumentation
from sklstm._lstm.design import Design, read_design
from sklstm._lstm.examples import TailRule
from sklstm._lstm.feedback import forecast_at_once, forecast_rows, refuse_unknown_columns
from sklstm._lstm.fit_tasks import FitTasks
from sklstm._lstm.forecaster import Forecaster, begin, go_on
from sklstm._lstm.members import Schedule
from sklstm._lstm.scaling import KINDS
from sklstm._network.start import start_tensorflow
from sklstm._plain_data import PickledAsPlainData
from sklstm._rows.columns import Columns
from sklstm._rows.labels import Labels, read_labels, refuse_other_continuation
from sklstm._rows.number_columns import read_outputs, read_table
from sklstm._rows.reading import read_new_rows, read_rows
from sklstm._rows.targets import find_target_columns, largest_lead
from sklstm._rows.windows import Windows
from sklstm._sklearn_compat import Interval, StrOptions, available_if, fit_context
from sklstm._versions import WarnsOfOtherVersions
from sklstm.spaces import lstm_space

logger = logging.getLogger(__name__)
PATIENCE = 10  # epochs
PATIENCE_WITH_PATHS = 3  # on five series as good as 10, in two fifths of the time


class LSTMRegressor(
    WarnsOfOtherVersions,
    PickledAsPlainData,
    LinksToDocumentation,
    CallbackSupportMixin,
    RegressorMixin,
    BaseEstimator,
):
    """Forecast a time series with a peephole LSTM that reads a window of rows.

    The prediction for row t reads the `window_length` rows up to row t - `horizon`, and rows around
    the same time in earlier seasons. It reads nothing newer, except `known_columns`. The regressor
    keeps its training rows as the history of later rows. It finds the seasons and scales the inputs
    and the target by itself.

    A ridge regression makes a first forecast. Three networks are then trained. The first one
    corrects the ridge. The other two forecast on their own, one of them from the newest half of the
    window. The last training targets are held back, and training stops when their forecasts no
    longer improve. The same targets determine the share of each network in the forecast. On a
    series that is hard to forecast, the networks may get no share; the ridge then forecasts alone.

    Each network is an LSTM [1]_. The bias of its forget gates [2]_ is increased by 1, and its
    weights are initialised as in [3]_. The user guide explains :doc:`alignment </alignment>`,
    :doc:`scaling </scaling>` and the :doc:`defaults </defaults>`.

    Parameters
    ----------
    window_length : int, default=8
        Number of rows that the network reads for one prediction. With a single step, it also reads
        the same number of rows from around one season earlier, for each season, so the window need
        not be as long as a season.
    horizon : int, default=1
        Number of rows from the newest row that is read to the row that is predicted. Use 1 to
        forecast the next row if y is not shifted. Use 0 if y is already shifted, as in
        ``y = close.shift(-1)``; the prediction for row t then reads row t itself.
    steps : int, default=1
        Number of rows to forecast at once. The forecasts of the rows t to t + steps - 1, all from
        the same window, are the path of row t. `predict_steps` returns whole paths, and `predict`
        the first row of each path.
    known_columns : str, int or list, default=None
        Names or positions of the columns that are known in advance, such as the calendar, a tariff
        or a weather forecast. The prediction for row t reads them up to row t itself.
    history : {"auto", "continue", "none"}, default="auto"
        Which rows come before the X of `predict`. With "continue", X follows the kept rows, which
        are those of `fit` and `update`. With "none", X has no history. "auto" places X by its
        index, if the index holds dates, durations or numbers. Otherwise it compares values: if X
        equals the beginning of the kept rows and matches them nowhere else, X is taken to be this
        beginning; any other X follows the kept rows.
    units : int, default=32
        Size of the LSTM's state. The time per epoch grows with its square.
    num_layers : int, default=1
        Number of stacked LSTM layers.
    peephole : bool, default=True
        Whether the gates see the cell state [4]_.
    dropout : float, default=0.0
        Share of the last layer's outputs that is set to zero during training [5]_, in [0, 1).
    learning_rate : float, default=0.01
        Adam's step size [6]_ at the start of training.
    decay_rate : float, default=0.9
        Factor by which the learning rate is multiplied per `decay_steps`, in (0, 1]:
        ``learning_rate * decay_rate ** (t / decay_steps)``. 1.0 keeps the rate constant. The
        article that inspired this package [7]_ searches 0.7 to 0.99.
    decay_steps : float, default=1
        Period of the decay, in the unit given by `decay_unit`. The decay is continuous.
    decay_unit : {"epoch", "step"}, default="epoch"
        Unit of t in the formula of `decay_rate`. "step" counts Adam steps, as the article does.
        "epoch" divides this count by the number of steps in an epoch.
    batch_size : int, default=32
        Number of windows per Adam step.
    epochs : int, default=50
        Number of passes over the training windows. With `early_stopping`, this is the maximum.
    shuffle : bool, default=True
        Whether to shuffle the windows before each epoch. Rows within a window keep their order.
    loss : {"auto", "squared_error", "absolute_error", "huber"}, default="auto"
        Loss to minimise, in scaled units; "huber" [8]_ is quadratic up to an error of 1. "auto"
        means the squared error for a single step and the absolute error for several `steps`, so
        that a path consists of medians. With `quantiles`, "auto" means the pinball loss.
    quantiles : list of float, default=None
        Quantiles to forecast, each in (0, 1), such as (0.1, 0.9) for a band that holds 80 % of the
        targets. A single fit forecasts all of them and the median, which `predict` returns. The
        loss is the mean of their pinball losses [9]_, ``max(q * e, (q - 1) * e)``, where e is y
        minus the prediction. The forecast quantiles never cross [10]_.
    clipnorm : float, default=None
        Largest allowed Euclidean norm of the gradient of all weights [11]_. None means no clipping.
    weight_decay : float, default=0.1
        Share by which each step shrinks the kernels, per unit of learning rate (decoupled weight
        decay [12]_). Biases and peepholes are not decayed.
    scaling : {"auto", "window", "center", "both", "standard", "minmax"} or None, default="auto"
        How to scale the columns.

        - "window" subtracts the last value of each window from the target's column [13]_ and
          divides by the standard deviation of the window [14]_;
        - "center" subtracts the same value, but divides by one scale for all windows;
        - "both" reads the target's column twice, scaled as with "center" and as with "standard";
        - "standard" and "minmax" use one centre and one scale for each column, from the training
          rows;
        - None leaves all columns unchanged;
        - "auto" chooses "both" for a series that returns to its level according to a unit root test
          [15]_ at 1 %, or "standard" if `linear_start` is False. For any other series, it chooses
          "window" if the size of the changes from row to row varies over time and the window has
          more than two rows, and "center" otherwise. If the target is not a column of X, it chooses
          "standard".

        With "window", "center" and "both", the other columns are scaled as with "standard". Except
        with None, columns whose centre is not taken from the window are clipped at 10 times their
        scale from the centre, or at the farthest training value if that is farther.
    target_column : str, int or list, default=None
        Name or position of the target's column in X; with several outputs, a list with one entry
        for each. None finds the column by its values: y must be a linear function of the column's
        value in the same row or up to 32 rows later.
    window_columns : str, int or list, default=None
        Other columns to scale by the window, if `scaling` is "window", "center" or "both". With
        ``scaling="auto"`` and a linear start, None means all columns that do not return to a level,
        except `known_columns`. Otherwise it means no other columns.
    linear_skip : bool, default=False
        Whether to add a linear map of the scaled window to the network's output [16]_.
    linear_start : bool, default=True
        Whether to begin with the forecast of a ridge regression [17]_. The ridge reads up to 24
        rows of the target's column. With a season it reads up to 72 rows (24 with several `steps`),
        and three rows around the same time one season earlier. It reads known columns in the
        predicted row, and the other columns over the window, or only their newest row if the target
        is not a column of X. Its penalty is chosen by leave-one-out cross-validation.
    season_length : "auto", int, list of int or None, default="auto"
        Number of rows in a season, or a list of up to three such numbers. None means no season.
        "auto" finds up to two seasons with :func:`~sklstm.find_seasons`. A target that is not a
        column of X has no season.
    n_networks : int, default=3
        Number of networks, each with different initial weights. The forecast is their mean. With a
        linear start and early stopping, there are three kinds, which take turns: the first network
        corrects the ridge, the second forecasts on its own, and the third does so from the newest
        half of the window. The forecast is then a weighted mean, and the targets held back
        determine the share of each kind [18]_. With early stopping and several `steps`, the
        networks are trained for up to 6 more epochs on all targets at the end.
    early_stopping : {"auto", True, False}, default="auto"
        Whether to hold back the last targets, score them before the first epoch and after each one,
        stop when the score no longer improves, and keep the weights of the best epoch. "auto" does
        so if at least 20 targets can be held back and at least 50 are left to train on. With fewer
        targets, the ridge forecasts alone; without `linear_start`, all epochs are trained.
    validation_fraction : "auto" or float, default="auto"
        Share of the targets that early stopping holds back, in (0, 1). "auto" means a tenth. With
        fewer than 1000 targets, it means 100 of them, but no more than a fifth. With several
        `steps`, it means a fifth. The rows between the training targets and these are left out:
        ``window_length + horizon + steps - 2``, plus the largest `target_lead_`.
    n_iter_no_change : "auto" or int, default="auto"
        Number of epochs without improvement after which early stopping ends the training. "auto"
        means 10, or 3 with several `steps`.
    tol : float, default=1e-4
        Smallest improvement of the validation score that counts.
    warm_start : bool, default=False
        Whether `fit` continues from the weights, scales, Adam state and learning rate decay of the
        previous fit.
    random_state : int, RandomState instance or None, default=None
        Controls initial weights, shuffling and dropout. Pass an int for reproducible results.
    verbose : bool, default=False
        Whether to print the loss of each epoch. The logger "sklstm" gets the same lines at level
        DEBUG.

    Attributes
    ----------
    scaling_ : str or None
        The scaling that is used.
    target_column_ : list of int or None
        Position of each output's column in X; None for an output that is not a column of X.
    target_lead_ : list of int or None
        Number of rows by which each output is shifted: 0 if it is the value of its column in the
        same row. None for an output that is not a column of X.
    loss_ : float
        Mean loss of the first network in its last epoch, on scaled targets; NaN if no epoch was
        trained.
    best_loss_ : float
        Smallest loss of an epoch of the first network; NaN if no epoch was trained.
    loss_curve_ : list of float
        Mean loss of the first network in each epoch, on scaled targets.
    validation_scores_ : list of float or None
        Score of the first network on the targets held back, before the first epoch and after each
        one: R2, or D2 for losses other than the squared error, computed in the units of y. None
        without early stopping.
    best_validation_score_ : float or None
        The largest of these scores.
    network_share_ : float or None
        Share of the loss before training, usually that of the linear start, that the networks
        remove on the targets held back; 0 if they change nothing. None without early stopping.
    season_length_ : list of list of int
        The lengths of the seasons of each output, in rows.
    quantiles_ : ndarray of shape (n_quantiles,) or None
        The forecast quantiles in increasing order, including the median.
    n_iter_ : int
        Number of epochs for which the first network was trained.
    best_iter_ : int
        The epoch whose weights the first network keeps; at 0, it does not change the linear start.
    networks_ : pandas.DataFrame
        A table with a row for each network: its share of the forecast, and its training. It leaves
        out networks that forecast on their own and have no share.
    t_ : int
        Number of windows that the first network has seen in training, over all epochs.
    n_outputs_ : int
        Number of outputs.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if all of them are strings.
    linear_start_ : pandas.Series, pandas.DataFrame or None
        The ridge's coefficients, one for each value that it reads.
    model_ : keras.Model
        The fitted networks with their scaling and linear start, as a Keras model from raw rows to
        the units of y.

    See Also
    --------
    BayesTimeSeriesSearchCV : Tunes these parameters.
    ConformalRegressor : Adds prediction intervals.
    LastValueRegressor : The baseline to beat.
    sklstm.plots.WindowDisplay : Shows which rows a prediction reads.

    Notes
    -----
    With scikit-learn 1.9 or newer, `set_callbacks` takes scikit-learn's callbacks, such as
    ``ProgressBar``. They follow each epoch and may stop the training: see :doc:`watch and steer
    training </watch_training>`.

    References
    ----------
    .. [1] Hochreiter, S. and Schmidhuber, J. "Long short-term memory." Neural Computation 9 (1997),
       1735-1780.
    .. [2] Gers, F. A., Schmidhuber, J. and Cummins, F. "Learning to forget: continual prediction
       with LSTM." Neural Computation 12 (2000), 2451-2471.
    .. [3] Glorot, X. and Bengio, Y. "Understanding the difficulty of training deep feedforward
       neural networks." AISTATS 2010.
    .. [4] Gers, F. A., Schraudolph, N. N. and Schmidhuber, J. "Learning precise timing with LSTM
       recurrent networks." Journal of Machine Learning Research 3 (2002), 115-143.
    .. [5] Srivastava, N. et al. "Dropout: a simple way to prevent neural networks from
       overfitting." Journal of Machine Learning Research 15 (2014), 1929-1958.
    .. [6] Kingma, D. P. and Ba, J. "Adam: a method for stochastic optimization." ICLR 2015.
    .. [7] Helmini, S. "How to automate hyperparameter optimization." KDnuggets, June 2019. Called
       "the article" in this documentation.
    .. [8] Huber, P. J. "Robust estimation of a location parameter." Annals of Mathematical
       Statistics 35 (1964), 73-101.
    .. [9] Koenker, R. and Bassett, G. "Regression quantiles." Econometrica 46 (1978), 33-50.
    .. [10] Chernozhukov, V., Fernandez-Val, I. and Galichon, A. "Quantile and probability curves
       without crossing." Econometrica 78 (2010), 1093-1125.
    .. [11] Pascanu, R., Mikolov, T. and Bengio, Y. "On the difficulty of training recurrent neural
       networks." ICML 2013.
    .. [12] Loshchilov, I. and Hutter, F. "Decoupled weight decay regularization." ICLR 2019.
    .. [13] Zeng, A. et al. "Are transformers effective for time series forecasting?" AAAI 2023.
    .. [14] Kim, T. et al. "Reversible instance normalization for accurate time-series forecasting
       against distribution shift." ICLR 2022.
    .. [15] Dickey, D. A. and Fuller, W. A. "Distribution of the estimators for autoregressive time
       series with a unit root." Journal of the American Statistical Association 74 (1979), 427-431.
    .. [16] Lai, G. et al. "Modeling long- and short-term temporal patterns with deep neural
       networks." SIGIR 2018.
    .. [17] Hoerl, A. E. and Kennard, R. W. "Ridge regression: biased estimation for nonorthogonal
       problems." Technometrics 12 (1970), 55-67.
    .. [18] Bates, J. M. and Granger, C. W. J. "The combination of forecasts." Operational Research
       Quarterly 20 (1969), 451-468.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import LSTMRegressor
    >>> t = np.arange(300)
    >>> rng = np.random.default_rng(0)
    >>> X = np.column_stack([np.sin(t / 5) + 0.01 * rng.normal(size=300), t % 7])
    >>> y = X[:, 0]  # the same row: horizon=1 reads rows up to t - 1 only
    >>> regressor = LSTMRegressor(epochs=20, random_state=0).fit(X[:210], y[:210])
    >>> regressor.predict(X[210:]).shape
    (90,)
    >>> round(regressor.score(X[210:], y[210:]), 2)  # R2
    1.0

    Forecast the row after the last training row, then the row after 80 newer ones:

    >>> regressor.forecast().round(1), y[210].round(1)
    (array([-0.9]), np.float64(-0.9))
    >>> regressor.update(X[210:290]).forecast().round(1), y[290].round(1)
    (array([1.]), np.float64(1.0))
    """

    __module__ = "sklstm"  # where users import it from

    _forecaster: Forecaster  # what fit leaves
    _records: ClassVar[dict] = {"_forecaster": Forecaster}
    _parameter_constraints: ClassVar[dict] = {
        "window_length": [Interval(Integral, 1, None, closed="left")],
        "horizon": [Interval(Integral, 0, None, closed="left")],
        "steps": [Interval(Integral, 1, None, closed="left")],
        "known_columns": [None, "array-like", str, Integral],
        "history": [StrOptions({"auto", "continue", "none"})],
        "units": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "peephole": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "decay_rate": [Interval(Real, 0, 1, closed="right")],
        "decay_steps": [Interval(Real, 0, None, closed="neither")],
        "decay_unit": [StrOptions({"epoch", "step"})],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "loss": [StrOptions({"auto", "squared_error", "absolute_error", "huber"})],
        "quantiles": [None, "array-like"],
        "clipnorm": [None, Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "scaling": [StrOptions({"auto", *KINDS}), None],
        "target_column": [None, str, Integral, "array-like"],
        "window_columns": [None, "array-like", str, Integral],
        "linear_skip": ["boolean"],
        "linear_start": ["boolean"],
        "season_length": [
            StrOptions({"auto"}),
            Interval(Integral, 2, None, closed="left"),
            "array-like",
            None,
        ],
        "n_networks": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean", StrOptions({"auto"})],
        "validation_fraction": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        window_length: int = 8,
        horizon: int = 1,
        steps: int = 1,
        known_columns: Columns | None = None,
        history: Literal["auto", "continue", "none"] = "auto",
        units: int = 32,
        num_layers: int = 1,
        peephole: bool = True,
        dropout: float = 0.0,
        learning_rate: float = 0.01,
        decay_rate: float = 0.9,
        decay_steps: float = 1,
        decay_unit: Literal["epoch", "step"] = "epoch",
        batch_size: int = 32,
        epochs: int = 50,
        shuffle: bool = True,
        loss: Literal["auto", "squared_error", "absolute_error", "huber"] = "auto",
        quantiles: Sequence[float] | None = None,
        clipnorm: float | None = None,
        weight_decay: float = 0.1,
        scaling: Literal["auto", "window", "center", "both", "standard", "minmax"] | None = "auto",
        target_column: Columns | None = None,
        window_columns: Columns | None = None,
        linear_skip: bool = False,
        linear_start: bool = True,
        season_length: Literal["auto"] | int | Sequence[int] | None = "auto",
        n_networks: int = 3,
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: Literal["auto"] | float = "auto",
        n_iter_no_change: Literal["auto"] | int = "auto",
        tol: float = 1e-4,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.window_length = window_length
        self.horizon = horizon
        self.steps = steps
        self.known_columns = known_columns
        self.history = history
        self.units = units
        self.num_layers = num_layers
        self.peephole = peephole
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.decay_rate = decay_rate
        self.decay_steps = decay_steps
        self.decay_unit = decay_unit
        self.batch_size = batch_size
        self.epochs = epochs
        self.shuffle = shuffle
        self.loss = loss
        self.quantiles = quantiles
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.scaling = scaling
        self.target_column = target_column
        self.window_columns = window_columns
        self.linear_skip = linear_skip
        self.linear_start = linear_start
        self.season_length = season_length
        self.n_networks = n_networks
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LSTMRegressor:
        """Fit the regressor to rows in time order.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first. If the index holds dates, durations or numbers, it is
            checked and kept.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row's target in the loss. Later predictions still read a row of weight 0.

        Returns
        -------
        self : LSTMRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If X has fewer than ``window_length + horizon`` rows, if a window would contain its own
            target, if too few targets are left to train on and to hold back, if the loss is no
            longer finite, or if both `quantiles` and a `loss` are given.

        Warns
        -----
        UserWarning
            If `horizon` is 1 or more and y is a column of X in a later row, because the forecast is
            then ahead by `horizon` plus this number of rows.
        """
        goes_on = self.warm_start and self.__sklearn_is_fitted__()
        before = self._forecaster if goes_on else None
        self._fit(X, y, sample_weight, self._read_schedule(), before, history="none")
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> LSTMRegressor:
        """Train for one more epoch.

        The first call is a `fit` of one epoch without early stopping. Later calls keep the scales,
        Adam's state and the decay of the learning rate. If X equals the kept rows, it is trained on
        again. Any other X follows the kept rows, and its first windows reach back into them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row's target in the loss.

        Returns
        -------
        self : LSTMRegressor
            The regressor after this epoch.

        Raises
        ------
        ValueError
            For the same reasons as `fit`, and if a parameter that needs a new network or scaling,
            such as `units`, has changed.
        """
        before = getattr(self, "_forecaster", None)
        if before is not None:
            self._validate_params()  # scikit-learn does before the first call only
        self._fit(X, y, sample_weight, Schedule(1, self._report), before, self.history)
        return self

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        schedule: Schedule,
        before: Forecaster | None,
        history: str,
    ) -> None:
        data = {"X": X, "y": y, "metadata": name_metadata({"sample_weight": sample_weight})}
        n_networks = self.n_networks if before is None else len(before.members)
        # Before anything else: what is set up by then is torn down even if the fit fails.
        tasks = FitTasks(self, data, n_networks, schedule.list_phases(), _list_attributes)
        schedule = replace(schedule, tasks=tasks)
        with self._all_or_nothing():
            rows = read_rows(self, X, y, sample_weight, reset=before is None)
            design, params = self._read_design(rows.n_outputs), self.get_params()
            if before is None:
                forecaster = begin(rows, design, params, schedule)
            else:
                forecaster = go_on(before, rows, design, params, schedule, history)
            self.__dict__.update(_list_attributes(forecaster))
        tasks.end_fit()

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of the rows of X.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        y_pred : ndarray of shape (n_rows,) or (n_rows, n_outputs)
            One prediction for each row, float64, in the units of y; the median with `quantiles`.
            The prediction for row t reads the rows t - horizon - window_length + 1 .. t - horizon,
            and older rows for seasons and the linear start. It reads nothing newer, except known
            columns up to row t. If a window reaches back before the first available row, the oldest
            row that it may read fills the rest.

        Raises
        ------
        TypeError
            If the dates of X have a time zone and those of the kept rows have none, or vice versa.

        Warns
        -----
        UserWarning
            If more rows seem to be missing between the kept rows and X than a window looks back.
        """
        windows, _ = self._read_windows(X)
        return self._forecaster.predict(windows, np.arange(len(windows)))

    @available_if(lambda self: self._has_quantiles())
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Predict the quantiles of the targets of the rows of X.

        Available with `quantiles`.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        quantiles : ndarray of shape (n_rows, n_quantiles) or (n_rows, n_outputs, n_quantiles)
            The quantiles in `quantiles_` of each row's target, in the units of y and in increasing
            order. They are predicted from the same rows that `predict` reads.
        """
        windows, _ = self._read_windows(X)
        return self._forecaster.predict_quantiles(windows, np.arange(len(windows)))[:, 0]

    def predict_steps(self, X: Any, known: Any = None) -> np.ndarray:
        """Predict a path from each row of X: this row and the `steps` - 1 rows after it.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, for the paths that reach beyond it. They hold values in
            `known_columns` and NaN elsewhere.

        Returns
        -------
        paths : ndarray of shape (n_rows, steps) or (n_rows, steps, n_outputs)
            Entry (t, j) is the prediction for row t + j, in the units of y. It reads no row newer
            than t - `horizon`, except known columns up to row t + j. It is NaN if the known columns
            are not given up to row t + j.
        """
        return self._forecaster.predict_steps(*self._read_paths(X, known))

    @available_if(lambda self: self._has_quantiles())
    def predict_steps_quantiles(self, X: Any, known: Any = None) -> np.ndarray:
        """Predict the quantiles of a path from each row of X.

        Available with `quantiles`.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        known : array-like of shape (n_later_rows, n_features), default=None
            Rows after the last row of X, for the paths that reach beyond it. They hold values in
            `known_columns` and NaN elsewhere.

        Returns
        -------
        quantiles : ndarray of shape (n_rows, steps, n_quantiles) or \
                (n_rows, steps, n_outputs, n_quantiles)
            The quantiles in `quantiles_` for each step, in the units of y. They apply to each step
            separately: a whole path is less likely to stay between two of them. They are NaN where
            `predict_steps` returns NaN.
        """
        return self._forecaster.predict_quantiles(*self._read_paths(X, known))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the R2 of `predict`; with several `steps`, of the first row of each path only.

        To score whole paths with scikit-learn's functions, use
        :func:`~sklstm.evaluation.make_path_scorer`. :class:`BayesTimeSeriesSearchCV` scores whole
        paths by default.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row's target.

        Returns
        -------
        score : float
            R2 of the predictions: 1 is perfect, 0 is as good as the mean of y.
        """
        return super().score(X, y, sample_weight)

    def read_windows(self, X: Any) -> dict[str, np.ndarray]:
        """Return the inputs from which `model_` computes the predictions for the rows of X.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        inputs : dict of str to ndarray of shape (n_rows, ...)
            "window", (n_rows, window_length, n_columns): the columns of X over the window, then one
            column for each season. With a linear start, also "start", (n_rows, n_numbers): the
            values that the ridge reads. With several `steps`, also "path", (n_rows, steps,
            n_numbers), in place of the season columns: known columns in the row of each step, and
            targets around the same time one season earlier. Seasons that reach back before the
            first available row are NaN. If a prediction can read no row, all of its inputs are NaN.
        """
        windows, _ = self._read_windows(X)
        return self._forecaster.preprocessing.read(windows, np.arange(len(windows)))

    def forecast(self, X: Any = None, known: Any = None, n_rows: int | None = None) -> np.ndarray:
        """Forecast the targets of the rows after the last row of X.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            The latest rows, oldest first. None means the rows given to `fit` and `update`.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, with the columns of X: values in `known_columns` and NaN
            elsewhere. The index of `known` must continue that of the earlier rows.
        n_rows : int, default=None
            Number of rows to forecast, n_ahead. None means ``horizon + steps - 1``, the rows that
            are forecast from X alone. Further rows are forecast recursively, from earlier
            forecasts. For this, each column of X must be a target, known in advance, or constant.

        Returns
        -------
        y_pred : ndarray of shape (n_ahead,) or (n_ahead, n_outputs)
            One forecast for each row, in the units of y. The first `horizon` forecasts are those
            that `predict` would return. The next ``steps - 1`` are the other steps of the last
            path.

        Raises
        ------
        ValueError
            If `horizon` is 0 and `steps` is 1, if `known` lacks values in `known_columns`, if its
            index does not continue that of the earlier rows, or if `n_rows` needs recursive
            forecasts that the columns of X do not allow.
        """
        windows, labels = self._read_latest(X)
        n_rows = self._read_n_rows(n_rows)
        if n_rows > self._forecaster.alignment.n_rows_ahead:
            names = getattr(self, "feature_names_in_", range(self.n_features_in_))
            refuse_unknown_columns(
                self._forecaster, windows, n_rows, lambda column: repr(names[column])
            )
        later = self._read_known(known, labels, n_rows)
        return forecast_rows(self._forecaster, windows, later)

    @available_if(lambda self: self._has_quantiles())
    def forecast_quantiles(
        self, X: Any = None, known: Any = None, n_rows: int | None = None
    ) -> np.ndarray:
        """Forecast the quantiles of the targets of the rows after the last row of X.

        Available with `quantiles`.

        Parameters
        ----------
        X : array-like of shape (n_latest, n_features), default=None
            The latest rows, oldest first. None means the rows given to `fit` and `update`.
        known : array-like of shape (n_ahead, n_features), default=None
            The rows to forecast, as in `forecast`.
        n_rows : int, default=None
            Number of rows to forecast, at most ``horizon + steps - 1``, which is the default.

        Returns
        -------
        quantiles : ndarray of shape (n_ahead, n_quantiles) or (n_ahead, n_outputs, n_quantiles)
            The quantiles in `quantiles_` for each row, in the units of y.

        Raises
        ------
        ValueError
            For the same reasons as `forecast`, and if `n_rows` reaches beyond the last path, since
            quantiles cannot be fed back.
        """
        windows, labels = self._read_latest(X)
        n_rows, n_at_once = self._read_n_rows(n_rows), self._forecaster.alignment.n_rows_ahead
        if n_rows > n_at_once:
            raise ValueError(
                f"n_rows={n_rows} is too large: quantiles can be forecast only for the next "
                f"{n_at_once} rows, because they cannot be fed back as rows of X. Use more steps, "
                "or use forecast, which feeds back the median."
            )
        later = self._read_known(known, labels, n_rows)
        return forecast_at_once(self._forecaster, windows, later)

    def update(self, X: Any, y: Any = None) -> LSTMRegressor:
        """Add newer rows to the history, without training.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows that follow those given to `fit` and `update`.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Ignored, because predictions read only X.

        Returns
        -------
        self : LSTMRegressor
            The regressor. Its history now ends with these rows.
        """
        check_is_fitted(self)
        X, labels = read_new_rows(self, X)
        place = self._forecaster.find_place(X, labels, self.history)
        self._forecaster = replace(self._forecaster, kept=place.keep(X, labels))
        return self

    def search_space(self, n_rows: int) -> dict[str, Any]:
        """Return the default search space.

        Parameters
        ----------
        n_rows : int
            Number of rows of the smallest training fold.

        Returns
        -------
        space : dict of str to skopt dimension
            Dimensions by parameter name, as returned by :func:`~sklstm.spaces.lstm_space`.
        """
        return lstm_space(n_rows)

    def needed_gap(self, X: Any, y: Any, sample_weight: Any = None) -> int:
        """Return the gap that a cross-validation needs between training and test rows.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first. They may be the rows that enter a Pipeline:
            non-numeric columns and missing values are ignored.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row's target. Targets of weight 0 are ignored, as in ``fit``.

        Returns
        -------
        gap : int
            The largest number of rows by which a training target can lie after its own row.

        Raises
        ------
        ValueError
            If the index labels of the rows do not increase.
        """
        read_labels(X, y, must_increase=True)
        y = read_outputs(y, sample_weight)
        if y is None:
            return 0
        return largest_lead(find_target_columns(read_table(X).to_numpy(), y, self.horizon))

    @property
    def model_(self) -> Any:
        """The fitted network as a `keras.Model`, rebuilt on each access.

        Call it with the output of `read_windows`: ``model_(regressor.read_windows(X))`` returns
        predictions in the units of y. Their shape is (n, n_outputs), or (n, steps, n_outputs) with
        several `steps`; `quantiles` add a last axis. The model's own ``predict`` is less exact,
        because it first rounds its inputs to float32. Import `sklstm.layers` before you load a
        saved model.
        """
        check_is_fitted(self)
        start_tensorflow()
        from sklstm.layers import NetworkParts, build_model

        preprocessing, members = self._forecaster.preprocessing, self._forecaster.members
        start, settings = preprocessing.start, members[0].settings
        path = preprocessing.scaling.path
        return build_model(
            [
                NetworkParts(
                    member.trained.weights,
                    _as_lists(member.view(preprocessing).scaling.columns),
                    _as_lists(member.view(preprocessing).scaling.outputs),
                    member.view(preprocessing).start is not None,
                    member.share.tolist(),
                    None if path is None else path.list_scales(),
                )
                for member in members
            ],
            mean=preprocessing.mean.tolist(),
            start=None if start is None else start.list_maps(),
            n_raw_columns=self.n_features_in_ + preprocessing.alignment.n_seasonal_columns,
            peephole=settings.peephole,
            linear_skip=settings.linear_skip,
            dropout=settings.dropout,
            n_quantiles=max(1, len(preprocessing.design.quantiles)),
        )

    @property
    def networks_(self) -> pd.DataFrame:
        """A table of the networks, with a row for each.

        It leaves out networks that forecast on their own and have no share of the forecast.
        "linear_start" says whether the network corrects the ridge, and "window_length" how many of
        the newest rows it reads. "share" is its share of the forecast, and "strength" the share of
        its correction that is used (both are means over the outputs). "n_iter" is the number of
        epochs trained, and "best_iter" the epoch whose weights are kept. "score" is the best score
        of the targets held back, or NaN if there are none.
        """
        check_is_fitted(self)
        members = self._forecaster.members
        return pd.DataFrame(
            {
                "linear_start": [member.has_start for member in members],
                "window_length": [member.window_length for member in members],
                "share": [float(member.share.mean()) for member in members],
                "strength": [float(member.strength.mean()) for member in members],
                "n_iter": [len(member.trained.losses) for member in members],
                "best_iter": [member.trained.n_epochs for member in members],
                "score": [max(member.trained.scores, default=np.nan) for member in members],
            }
        )

    @property
    def linear_start_(self) -> pd.Series | pd.DataFrame | None:
        """The ridge's coefficients, one for each value that it reads.

        A Series, or with several outputs or steps, a DataFrame with a column for each of them. The
        entries are "intercept" and names such as "load[t-24]", for the value of the column "load"
        24 rows before row t. None without `linear_start`. Before the coefficients are applied,
        columns other than the target's are clipped at 10 standard deviations from their mean, or at
        the farthest training value if that is farther.
        """
        check_is_fitted(self)
        start = self._forecaster.preprocessing.start
        if start is None:
            return None
        alignment = self._forecaster.alignment
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])
        lists = [
            {_name_place(names, place): value for place, value in found.items()}
            for found in (o.list_coefficients(alignment.horizon) for o in start.outputs)
        ]
        if len(lists) == 1 and self._forecaster.y_shape == ():
            return pd.Series(lists[0], name="coefficient")
        table = pd.DataFrame(lists).T.fillna(0.0)
        if alignment.steps == 1:
            return table
        table.columns = pd.MultiIndex.from_product(
            [range(alignment.steps), range(self.n_outputs_)], names=["step", "output"]
        )
        return table if self._forecaster.y_shape else table.droplevel("output", axis=1)

    def _read_design(self, n_outputs: int) -> Design:
        names = getattr(self, "feature_names_in_", None)
        return read_design(self.get_params(), self.n_features_in_, n_outputs, names)

    def _read_schedule(self) -> Schedule:
        tail = None
        if self.early_stopping:
            tail = TailRule(
                self.validation_fraction,
                is_optional=self.early_stopping == "auto",
                of_paths=self.steps > 1,
            )
        patience = self.n_iter_no_change
        if isinstance(patience, str):
            patience = PATIENCE if self.steps == 1 else PATIENCE_WITH_PATHS
        return Schedule(self.epochs, self._report, tail, self.tol, patience)

    def _report(self, epoch: int, loss: float, score: float | None, network: int | None) -> None:
        name = "E" if network is None else f"Network {network}, e"
        validation = "" if score is None else f", validation score = {score:.6f}"
        line = f"{name}poch {epoch}, loss = {loss:.8f}{validation}"
        fields = {"epoch": epoch, "loss": loss, "score": score, "network": network}
        logger.debug(line, extra=fields)
        if self.verbose:
            print(line)

    def _has_quantiles(self) -> bool:
        """Tell whether quantiles are forecast; before a fit, whether they will be."""
        if self.__sklearn_is_fitted__():
            return self.quantiles_ is not None
        return self.quantiles is not None

    def _read_windows(self, X: Any) -> tuple[Windows, Labels | None]:
        """Read rows, with those before them; also returns their labels."""
        check_is_fitted(self)
        X, labels = read_new_rows(self, X)
        return self._forecaster.find_place(X, labels, self.history).make_windows(X), labels

    def _read_paths(self, X: Any, known: Any) -> tuple[Windows, np.ndarray]:
        """Read rows and what is known of those after them; also returns where paths begin."""
        windows, labels = self._read_windows(X)
        starts = np.arange(len(windows))
        if known is not None:
            windows = windows.followed_by(self._read_known(known, labels))
        return windows, starts

    def _read_latest(self, X: Any) -> tuple[Windows, Labels | None]:
        """Read the rows to forecast from, the kept ones for None, with their labels."""
        check_is_fitted(self)
        alignment, kept = self._forecaster.alignment, self._forecaster.kept
        if X is None:
            windows, labels = Windows(kept.X, 0, alignment, filled=kept.filled), kept.labels
        else:
            windows, labels = self._read_windows(X)
        alignment.list_rows_ahead(len(windows))  # refuses horizon=0
        return windows, labels

    def _read_n_rows(self, n_rows: Any) -> int:
        """Read how many rows to forecast."""
        if n_rows is None:
            return self._forecaster.alignment.n_rows_ahead
        if not isinstance(n_rows, Integral) or isinstance(n_rows, bool) or int(n_rows) < 1:
            raise ValueError(f"n_rows={n_rows!r} must be None or an int of 1 or more.")
        return int(n_rows)

    def _read_known(
        self, known: Any, labels: Labels | None, n_rows: int | None = None
    ) -> np.ndarray:
        """Read the rows after rows with these labels, NaN where nothing is known of them.

        n_rows: how many there must be, None: as many as are given.
        """
        columns = list(self._forecaster.alignment.known)
        if known is None and not columns:
            return np.full((n_rows or 0, self.n_features_in_), np.nan)
        if known is None:
            raise ValueError(
                f"known=None, but with known_columns={self.known_columns!r} forecast needs the "
                f"next {n_rows} rows in known. Give them with the columns of X; use NaN for "
                "unknown values."
            )
        own = read_labels(known, must_increase=True)
        try:
            known = validate_data(
                self, known, dtype=np.float64, reset=False, ensure_all_finite="allow-nan"
            )
        except ValueError as error:  # it speaks of X
            raise ValueError(f"known must have the form of X: {error}") from None
        missing = np.isnan(known[:, columns]).any()
        if n_rows is not None and (len(known) != n_rows or missing):
            raise ValueError(
                f"known has {len(known)} rows{' and NaN in known_columns' if missing else ''}; it "
                f"must have {self._name_rows_ahead(n_rows)}, with values in "
                f"known_columns={self.known_columns!r}."
            )
        if labels is not None and own is not None:
            refuse_other_continuation(labels, own)
        return known

    def _name_rows_ahead(self, n_rows: int) -> str:
        alignment = self._forecaster.alignment
        if n_rows != alignment.n_rows_ahead:
            return f"n_rows={n_rows} rows"
        if alignment.steps == 1:
            return f"horizon={n_rows} rows"
        return f"horizon + steps - 1 = {n_rows} rows"

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Leave the regressor as it was before if training fails or is interrupted."""
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            self.__dict__ = before
            raise

    def __dir__(self) -> list[str]:
        # Without model_: a display reads all that is listed, which would import Keras and build it.
        return [name for name in object.__dir__(self) if name != "model_"]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_forecaster")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = True  # on rows that are no time series
        return tags


def _list_attributes(forecaster: Forecaster) -> dict[str, Any]:
    """List the fitted attributes by name; of training, those that MLPRegressor has too."""
    preprocessing, trained = forecaster.preprocessing, forecaster.members[0].trained
    quantiles = preprocessing.design.quantiles
    return {
        "_forecaster": forecaster,
        "n_outputs_": len(preprocessing.target_columns),
        "scaling_": preprocessing.scaling.kind,
        "target_column_": preprocessing.list_columns(),
        "target_lead_": preprocessing.list_leads(),
        "loss_curve_": list(trained.losses),
        "season_length_": preprocessing.list_seasons(),
        "quantiles_": np.array(quantiles) if quantiles else None,
        "loss_": trained.losses[-1] if trained.losses else np.nan,
        "best_loss_": min(trained.losses, default=np.nan),
        "validation_scores_": list(trained.scores) or None,
        "best_validation_score_": max(trained.scores, default=None),
        "network_share_": forecaster.network_share,
        "n_iter_": len(trained.losses),
        "best_iter_": trained.n_epochs,
        "t_": trained.n_windows,
    }


def _name_place(names: Sequence[str], place: tuple[int, int] | None) -> str:
    if place is None:
        return "intercept"
    column, lag = place
    return f"{names[column]}[t{-lag:+}]" if lag else f"{names[column]}[t]"


def _as_lists(scales: Any) -> dict[str, list]:
    """Arrays of a dataclass as lists, which a Keras layer's configuration can hold."""
    return {name: values.tolist() for name, values in vars(scales).items()}
