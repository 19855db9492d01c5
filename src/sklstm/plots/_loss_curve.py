"""The display of a network's training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklstm._nested.inside import find_inside
from sklstm.plots._axes import BLUE, VERMILION, count_on_x, open_axes, put_legend_above, scale_y

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class LossCurveDisplay:
    """Display the loss of each epoch, and the validation scores if there are any.

    Use :meth:`from_estimator` to create it.

    Parameters
    ----------
    loss_curve : array-like of shape (n_epochs,)
        Mean loss of each epoch, in scaled units.
    validation_scores : array-like of shape (n_scores,), default=None
        Score on the held-back targets after each epoch. If there is one more score than losses, the
        first one is the score before training.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The loss.
    validation_line_ : matplotlib Line2D or None
        The validation scores.
    ax_ : matplotlib Axes
        Axes of the loss.
    validation_ax_ : matplotlib Axes or None
        Axes of the validation scores. They share the horizontal axis with `ax_`.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ConvergenceDisplay : Displays the progress of a search, trial by trial.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import LSTMRegressor
    >>> from sklstm.plots import LossCurveDisplay
    >>> X = np.sin(np.arange(100) / 5)[:, None]
    >>> regressor = LSTMRegressor(epochs=3, units=4, early_stopping=True, random_state=0)
    >>> display = LossCurveDisplay.from_estimator(regressor.fit(X, X[:, 0]))
    >>> len(display.loss_curve), len(display.validation_scores)
    (3, 4)
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self, loss_curve: Sequence[float], *, validation_scores: Sequence[float] | None = None
    ) -> None:
        self.loss_curve = loss_curve
        self.validation_scores = validation_scores

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the losses and validation scores of a fitted network.

        Parameters
        ----------
        estimator : estimator
            A fitted :class:`~sklstm.LSTMRegressor` or another estimator with `loss_curve_`, or a
            Pipeline, a search or another meta-estimator that contains one.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : LossCurveDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If neither the estimator nor a nested one has a `loss_curve_`.
        """
        check_is_fitted(estimator)
        network = find_inside(estimator, "loss_curve_")
        scores = getattr(network, "validation_scores_", None)
        return cls(network.loss_curve_, validation_scores=scores).plot(ax, **kwargs)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        yscale: Literal["linear", "log"] = "linear",
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the loss, and the validation scores on an axis at the right.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        yscale : {"linear", "log"}, default="linear"
            Scale of the loss.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the loss.

        Returns
        -------
        self : LossCurveDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        style = {"color": BLUE, "marker": ".", "label": "training loss", **(line_kw or {})}
        epochs = np.arange(1, len(self.loss_curve) + 1)
        (self.line_,) = self.ax_.plot(epochs, self.loss_curve, **style)
        self.ax_.set(xlabel="epoch", ylabel="training loss")
        scale_y(self.ax_, yscale)
        count_on_x(self.ax_)
        self.validation_ax_: Any = None
        self.validation_line_: Any = None
        if self.validation_scores is not None:
            self._draw_validation(self.validation_scores)
        return self

    def _draw_validation(self, scores: Sequence[float]) -> None:
        self.validation_ax_ = self.ax_.twinx()
        style = {"color": VERMILION, "marker": ".", "linestyle": "--", "label": "validation score"}
        # One score more than losses: that of the network before its first epoch.
        first = 1 - (len(scores) > len(self.loss_curve))
        epochs = np.arange(first, first + len(scores))
        (self.validation_line_,) = self.validation_ax_.plot(epochs, scores, **style)
        self.validation_ax_.set_ylabel("validation score")
        put_legend_above(self.ax_, handles=[self.line_, self.validation_line_])
