"""How good are the paths of other libraries' networks, beside those of LSTMRegressor(steps=...)?

    pip install -e ".[bench,peers]"
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python -m benchmarks.accuracy.path_peers --series FOLDER --log LOG
    python -m benchmarks.accuracy.path_peers --series FOLDER --log LOG --check --only parking

The networks of networks.py are fitted once, on the rows and columns of `paths`, and forecast the
same paths from the same origins without being fitted again. They have the defaults of their
libraries, a path's length as their horizon and a week as their window. Runs go to the log of
`paths`, and a run that the log has is not repeated; ``paths_table --peers`` shows them. Each fit
has a process of its own. When one fails, or takes longer than ``--limit``, the log has the reason.

``--check`` replaces values as it does in `paths`.

Time: an hour to two, with one seed; estimated from parking, which takes 9 minutes.
Figures: docs/accuracy.md.
"""

import warnings
from collections.abc import Callable
from functools import partial

from benchmarks.accuracy import networks
from benchmarks.accuracy.held_out import Predict
from benchmarks.accuracy.libraries import Peer
from benchmarks.accuracy.path_series import PathSeries
from benchmarks.accuracy.path_setting import add_paths, identify_path, read_paths
from benchmarks.accuracy.peer_runs import add_peers, run_peers
from benchmarks.tools.arguments import make_parser


def forecast_all_steps(fit: Callable[[PathSeries, int, int], Predict], module: str) -> Peer:
    return Peer(module, lambda series, seed: fit(series, seed, series.steps), is_random=True)


PEERS = {
    "neuralforecast LSTM": forecast_all_steps(networks.fit_lstm, "neuralforecast.models"),
    "neuralforecast NHITS": forecast_all_steps(networks.fit_nhits, "neuralforecast.models"),
    "darts BlockRNNModel": forecast_all_steps(
        networks.fit_block_rnn, "darts.models.forecasting.block_rnn_model"
    ),
}


def main() -> None:
    parser = make_parser(__doc__)
    add_paths(parser)
    add_peers(parser, PEERS, seeds=1)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    run_peers(PEERS, read_paths(arguments), partial(identify_path, arguments.part), arguments)


if __name__ == "__main__":
    main()
