"""What do 30 trials find in the default space and in the article's, and in what time?

    python -m benchmarks.search.spaces

The search runs on forests in place of fits (forest.py): of 400 configurations of the default space
and of 100 of the article's (on the stock of 40, which take ten times as long). Each search begins
at the defaults of its space, with the same seeds, and prunes. Intervals are those of search.py.

Time: two and a half minutes, as for pruning.py, which makes the same number of searches.
Figures: docs/search_strategies.md, "The default space and the article's".
"""

import warnings

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.search.forest import SERIES, load_forest
from benchmarks.search.pruning import search
from benchmarks.tools.arguments import add_seeds, make_parser
from benchmarks.tools.tables import show_interval, write_table


def compare(series: str, seeds: range, n_iter: int) -> list[str]:
    own, article = (
        np.array([search(forest, n_iter, seed, pruning=True) for seed in seeds])
        for forest in (load_forest(series), load_forest(f"{series}-article"))
    )
    return [
        series,
        *(f"{np.median(found[:, 0]):.5g}" for found in (own, article)),
        show_interval(100 * (own[:, 0] / article[:, 0] - 1)),
        *(f"{np.median(found[:, 1]):.3g}" for found in (own, article)),
    ]


def main() -> None:
    parser = make_parser(__doc__)
    add_seeds(parser)
    parser.add_argument("--n-iter", type=int, default=30)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    head = ["series", "default space: RMSE", "article's: RMSE", "difference, %"]
    head += ["default space: seconds of fits", "article's: seconds"]
    with threadpool_limits(1):  # more are slower on matrices of this size
        seeds = range(*arguments.seeds)
        cells = [compare(series, seeds, arguments.n_iter) for series in SERIES]
    print(write_table(head, cells))


if __name__ == "__main__":
    main()
