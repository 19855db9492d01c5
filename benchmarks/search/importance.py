"""How many trials do the shares of ParameterImportanceDisplay need?

    python -m benchmarks.search.importance

It fits the display's model to random points of made-up functions in which up to three parameters
count. For each number of trials it prints the median error of the worst share and how often the
most important parameter was named.

Time: one to two minutes.
Figures: docs/plots.md, "Parameter importance".
"""

import warnings

import numpy as np

from benchmarks.tools.arguments import make_parser
from sklstm._search.proposals.surrogate import make_gaussian_process
from sklstm.plots._influence import share_of_variance

N_VALUES, N_SAMPLES = 40, 200  # as the display takes
NOISE = 0.3  # standard deviations of the function


def score(points):
    """An additive score of up to three parameters; points: (n_points, n_parameters) in [0, 1]."""
    first, second, third = (points[:, number : number + 1] for number in range(3))
    parts = [1.5 * np.cos(np.pi * first), 2 * second, 2.5 * (third - 0.3) ** 2]
    return np.concatenate(parts, axis=1).sum(axis=1)


def find_shares(predict, n_parameters, rng):
    """The share of the variance that each parameter explains by itself."""
    samples = rng.uniform(size=(N_SAMPLES, n_parameters))
    shares = []
    for number in range(n_parameters):
        points = np.repeat(samples[None], N_VALUES, axis=0)
        points[:, :, number] = np.linspace(0, 1, N_VALUES)[:, None]
        table = predict(points.reshape(-1, n_parameters)).reshape(N_VALUES, -1)
        shares.append(share_of_variance(table))
    return np.array(shares)


def search_at_random(n_parameters, n_trials, seed):
    """The shares after so many random trials."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(size=(n_trials, n_parameters))
    spread = score(rng.uniform(size=(500, n_parameters))).std()
    scores = score(points) + NOISE * spread * rng.normal(size=n_trials)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how the model converges, as in the display
        model = make_gaussian_process().fit(points, scores)
    return find_shares(model.predict, n_parameters, rng)


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--searches", type=int, default=20, help="searches for each number")
    n_searches = parser.parse_args().searches
    for n_parameters in (2, 5, 10):
        right = find_shares(score, n_parameters, np.random.default_rng(99))
        for n_trials in (2, 5, 10, 20, 40):
            found = [search_at_random(n_parameters, n_trials, seed) for seed in range(n_searches)]
            worst = np.median([np.abs(shares - right).max() for shares in found])
            named = np.mean([shares.argmax() == right.argmax() for shares in found])
            print(
                f"{n_parameters} parameters, {n_trials} trials: worst share off by {worst:.2f}, "
                f"most important one named in {named:.0%}"
            )


if __name__ == "__main__":
    main()
