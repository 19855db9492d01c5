"""The tasks of a fit, which scikit-learn's callbacks follow and may stop.

The fit contains its networks, and each network its epochs. With a single network, the fit contains
the epochs themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from sklstm._callbacks import has_callbacks
from sklstm._lstm.trained import Trained

PHASES = "network", "network-on-all-targets"  # names of the tasks of networks


class FitTasks:
    """The tree of tasks of one fit; without callbacks nothing happens.

    data: X, y and metadata as callbacks get them. n_epochs: the maximum for each network, in each
    phase of training. read_attributes: returns the fitted attributes of a forecaster.
    """

    def __init__(
        self,
        regressor: Any,
        data: dict[str, Any],
        n_networks: int,
        n_epochs: Sequence[int],
        read_attributes: Callable[[Any], dict[str, Any]],
    ) -> None:
        self.stop_is_asked = False
        self._data = {"estimator": regressor, **data}
        self._n_networks, self._n_epochs = n_networks, n_epochs
        self._read_attributes = read_attributes
        self._lock = threading.Lock()
        self._has_failed = False
        self._root = None
        if has_callbacks(regressor):
            is_single = n_networks == 1
            self._root = regressor._init_callback_context(
                max_subtasks=sum(n_epochs) if is_single else n_networks * len(n_epochs),
                sequential_subtasks=is_single,
            )
            self.begin(self._root)

    def open_network(
        self, phase: int, number: int, make_forecaster: Callable[[Trained], Any]
    ) -> NetworkTask | None:
        """Begin the task of a network in a phase of training.

        make_forecaster: returns a forecaster that has only this network, as trained so far.
        """
        if self._root is None:
            return None
        context = self._root
        if self._n_networks > 1:
            with self._lock:
                context = self._root.subcontext(
                    PHASES[phase], phase * self._n_networks + number, self._n_epochs[phase]
                )
            self.begin(context)
        return NetworkTask(self, context, context is self._root, make_forecaster)

    def end_fit(self) -> None:
        """End the fit, once the regressor has its fitted attributes."""
        if self._root is not None:
            self.end(self._root, {})

    def begin(self, context: Any) -> None:
        """Call the hooks at the beginning of a task."""
        self._call(context.call_on_fit_task_begin)

    def end(self, context: Any, make_attributes: dict | Callable[[], dict]) -> None:
        """Call the hooks at the end of a task, which may ask to stop."""
        answer = self._call(context.call_on_fit_task_end, reconstruction_attributes=make_attributes)
        self.stop_is_asked |= bool(answer)

    def end_alone(self, context: Any, make_forecaster: Callable[[], Any]) -> None:
        """End a task of a network; callbacks get a regressor that has only this network."""
        self.end(context, lambda: self._read_attributes(make_forecaster()))

    def _call(self, hook: Callable, **more: Any) -> Any:
        """Call the hooks of one thread at a time; once one has failed, no further ones.

        Networks are trained in threads, but callbacks of users are seldom written for threads.
        """
        with self._lock:
            if self._has_failed:
                return None
            try:
                return hook(**self._data, **more)
            except BaseException:
                self._has_failed = self.stop_is_asked = True
                raise


NO_TASKS = FitTasks(None, {}, 1, [], dict)


class NetworkTask:
    """The task of one network, which contains its epochs."""

    def __init__(
        self,
        tasks: FitTasks,
        context: Any,
        is_fit: bool,
        make_forecaster: Callable[[Trained], Any],
    ) -> None:
        self._tasks, self._context, self._is_fit = tasks, context, is_fit
        self._make_forecaster = make_forecaster
        self._epoch: Any = None  # the task of the current one

    def begin_epoch(self) -> None:
        """Begin the next epoch."""
        self._epoch = self._context.subcontext(task_name="epoch")
        self._tasks.begin(self._epoch)

    def end_epoch(self, make_trained: Callable[[], Trained]) -> bool:
        """End the epoch; returns whether training is to stop. make_trained: the network now."""
        self._tasks.end_alone(self._epoch, lambda: self._make_forecaster(make_trained()))
        return self._tasks.stop_is_asked

    def end(self, trained: Trained) -> None:
        """End the network, unless it is the fit's only one."""
        if not self._is_fit:
            self._tasks.end_alone(self._context, lambda: self._make_forecaster(trained))
