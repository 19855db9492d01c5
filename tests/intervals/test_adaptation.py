"""How scores and alpha follow newer rows: the articles' formulas, row by row and lead by lead."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklstm._intervals.adaptation import adapt


def follow(history, newer, alpha, gamma):
    """One lead and output: Gibbs & Candes, eq. (2), with the quantile of split conformal."""
    history, alpha_t = list(history), alpha
    for score in newer:
        rank = int(np.ceil(round((len(history) + 1) * (1 - alpha_t), 9)))
        ordered = [-np.inf, *sorted(history), np.inf]
        err = score > ordered[min(max(rank, 0), len(history) + 1)]
        alpha_t += gamma * (alpha - err)
        history = [*history[1:], score]
    return history, alpha_t


SIZES = {
    "n_rows": st.integers(1, 15),
    "n_leads": st.integers(1, 5),
    "n_newer": st.integers(0, 20),
    "gamma": st.sampled_from([0.0, 0.01, 0.3]),
    "seed": st.integers(0, 99),
}


def draw(n_rows, n_leads, n_newer, seed):
    """Scores by path, which have ties, and newer ones by target."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(-5, 6, size=(n_rows, n_leads, 2)).astype(float)
    for lead in range(1, n_leads):
        scores[max(0, n_rows - lead) :, lead] = np.nan
    return scores, rng.integers(-5, 6, size=(n_newer, n_leads, 2)).astype(float)


@given(**SIZES)
def test_each_lead_follows_its_own_scores(n_rows, n_leads, n_newer, gamma, seed):
    """Oracle: the formula of the article, for each lead and output alone, with sorted lists."""
    scores, newer = draw(n_rows, n_leads, n_newer, seed)
    start = np.full((n_leads, 2), 0.2)
    adapted, alpha = adapt(scores, start, newer, alpha=0.2, gamma=gamma)
    assert adapted.shape == scores.shape
    for lead in range(n_leads):
        n_scores = max(0, n_rows - lead)
        assert np.isnan(adapted[n_scores:, lead]).all()
        for output in range(2):
            before = scores[:n_scores, lead, output]
            if n_scores == 0:  # no path of the rows kept is as long: nothing is learnt
                assert alpha[lead, output] == 0.2
                continue
            history, alpha_t = follow(before, newer[:, lead, output], 0.2, gamma)
            np.testing.assert_array_equal(adapted[:n_scores, lead, output], history)
            assert alpha[lead, output] == alpha_t


@given(cuts=st.lists(st.integers(0, 20), max_size=5), **SIZES)
def test_rows_in_blocks_teach_the_same_as_all_at_once(cuts, n_rows, n_leads, n_newer, gamma, seed):
    """Oracle: one block."""
    scores, newer = draw(n_rows, n_leads, n_newer, seed)
    alpha = np.full((n_leads, 2), 0.2)
    at_once = adapt(scores, alpha, newer, alpha=0.2, gamma=gamma)
    for block in np.split(newer, sorted(min(cut, n_newer) for cut in cuts)):
        scores, alpha = adapt(scores, alpha, block, alpha=0.2, gamma=gamma)
    np.testing.assert_array_equal(scores, at_once[0])
    np.testing.assert_array_equal(alpha, at_once[1])
