"""The rule by which seasons are found: peaks of an autocorrelation that improve a forecast.

Read `find_season_lengths` first. Its constants were chosen on 17 real series (issue 21), never on
their last fifth. Of 1,000 random walks with heavy tails or changing variance none has a season.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from sklstm._closed_form.lag_ridge import N_LAGS, compare_on_hold_out, leave_residuals

MOST_ROWS = 32_000  # only the last ones are used: 0.1 s, three weeks of minutes
LEAST_ROWS = 30
TIMES_HELD = 3  # full seasons that the rows must contain
LONGEST_SHORT = N_LAGS + 1  # rows of a season that is visible to the ridge on the last rows
LEAST_PEAK, STANDARD_ERRORS = 0.1, 4.0
CLIPPED_AT = 3.0  # standard deviations, for heavy tails
NEAR_HIGHEST = 0.8  # of a first peak compared with its repetitions
# Of a natural length: at 52 weeks CO2 has 0.67 to 0.73 of its highest peak, at 156.
NATURAL_NEAR_HIGHEST = 0.6
LEAST_GAIN = 0.02  # of the hold-out error


@dataclass(frozen=True)
class Look:
    """An autocorrelation, and how high a peak in it must be."""

    autocorrelation: np.ndarray  # (n_lags + 1,), at lags 0, 1, ..., n_lags
    threshold: float


def find_season_lengths(
    series: np.ndarray, natural: Sequence[int] = (), most: int = 2
) -> tuple[int, ...]:
    """Find at most `most` seasons of a finite series (n_rows,), in the order found.

    A season is a peak in the autocorrelation of the residuals of a ridge on the last rows, if the
    rows one season back improve the ridge on held-out rows. Among peaks of about equal height the
    shortest is taken, or a natural length. Seasons that are short enough to be visible to the ridge
    are searched for first, in the autocorrelation of the changes.
    """
    return search_seasons(series, natural, most)[0]


def search_seasons(
    series: np.ndarray, natural: Sequence[int] = (), most: int = 2
) -> tuple[tuple[int, ...], Look]:
    """Find seasons, and the autocorrelation in which the first was found or last searched for."""
    series = _take_last_rows(series)
    if len(series) < LEAST_ROWS or np.ptp(series) == 0:
        return (), Look(np.ones(1), 1.0)
    look = look_at(np.diff(series), len(series) // TIMES_HELD + 1)
    found = _keep_first(series, [], _propose_short(look, natural))[:most]
    shown = look if found else None
    while len(found) < most:
        look = look_at(leave_residuals(series, found), len(series) // TIMES_HELD + 1)
        shown = shown or look
        kept = _keep_first(series, found, _propose_long(look, natural, found))
        if not kept:
            break
        found = found + kept
    return tuple(found), shown or look


def look_at(residuals: np.ndarray, n_lags: int) -> Look:
    """Compute the autocorrelation of clipped residuals (n_rows,), up to lag `n_lags`."""
    centred = residuals - residuals.mean()
    bound = CLIPPED_AT * centred.std()
    clipped = np.clip(centred, -bound, bound)
    clipped = clipped - clipped.mean()
    size = fft.next_fast_len(2 * len(clipped), real=True)
    products = fft.irfft(np.abs(fft.rfft(clipped, size)) ** 2, size)
    products = products[: min(n_lags, len(clipped) - 1) + 1]
    threshold = max(LEAST_PEAK, STANDARD_ERRORS / math.sqrt(len(residuals)))
    if products[0] <= 0:  # residuals that are all alike
        return Look(np.append(1.0, np.zeros(len(products) - 1)), threshold)
    return Look(products / products[0], threshold)


def _take_last_rows(series: np.ndarray) -> np.ndarray:
    """Take the last rows, in a unit in which no square overflows; a power of 2 rounds nothing."""
    series = np.asarray(series, dtype=np.float64)[-MOST_ROWS:]
    largest = np.max(np.abs(series), initial=0.0)
    return np.ldexp(series, -int(np.frexp(largest)[1]))


def _propose_short(look: Look, natural: Sequence[int]) -> Iterator[int]:
    """Propose seasons of a few rows, if no longer one has a much higher peak."""
    r = look.autocorrelation
    peaks = {lag: r[lag] for lag in _find_peaks(look)}
    short = {lag: r[lag] for lag in peaks if lag <= LONGEST_SHORT and _persists(look, lag)}
    named = {lag: r[lag] for lag in short if lag in natural}
    return _prefer(peaks, short, named)


def _propose_long(look: Look, natural: Sequence[int], found: Sequence[int]) -> Iterator[int]:
    r = look.autocorrelation
    peaks = {lag: r[lag] for lag in _find_peaks(look) if _is_new(look, lag, r[lag], found)}
    # A ridge with this season reads the rows one more and one less back, too.
    heights = {lag: r[lag - 1 : lag + 2].max() for lag in natural if 1 < lag < len(r) - 1}
    named = {
        lag: height
        for lag, height in heights.items()
        if height > look.threshold and _is_new(look, lag, height, found)
    }
    return _prefer(peaks, peaks, named)


def _find_peaks(look: Look) -> list[int]:
    """List the lags of 2 rows or more that are local maxima above the threshold."""
    r = look.autocorrelation
    inside = r[1:-1]
    is_peak = (inside >= r[:-2]) & (inside >= r[2:]) & (inside > look.threshold)
    return [int(lag) for lag in np.flatnonzero(is_peak) + 1 if lag >= 2]


def _persists(look: Look, lag: int) -> bool:
    """Distinguish a season from a decaying cycle and from a slow wave.

    The peak returns at two and three times its lag, and the autocorrelation falls in between.
    """
    r = look.autocorrelation
    if 3 * lag >= len(r):
        return False
    repeats = min(r[2 * lag], r[3 * lag])
    falls = r[lag] - r[lag + 1 : 2 * lag].min()
    return bool(repeats >= NEAR_HIGHEST * r[lag] and falls > look.threshold)


def _is_new(look: Look, lag: int, height: float, found: Sequence[int]) -> bool:
    """Distinguish a long season from a short one, and from repetitions of a season already found.

    A found season has peaks at its multiples. A multiple that is itself a season, such as a week of
    days, has a higher peak than the neighbouring multiples.
    """
    r = look.autocorrelation
    if lag <= LONGEST_SHORT or any(abs(lag - season) <= 2 for season in found):  # rows of both
        return False
    beside = [lag + shift for season in found for shift in (-season, season)]
    return all(height - r[other] > look.threshold for other in beside if 0 < other < len(r))


def _prefer(
    peaks: dict[int, float], lags: dict[int, float], named: dict[int, float]
) -> Iterator[int]:
    """Propose the shortest natural length near the highest peak, then the shortest lag near it.

    Each is a dict of lags and heights.
    """
    highest = max(peaks.values(), default=0.0)
    for some, share in ((named, NATURAL_NEAR_HIGHEST), (lags, NEAR_HIGHEST)):
        near = [lag for lag, height in some.items() if height >= share * highest]
        if peaks and near:
            yield min(near)


def _keep_first(series: np.ndarray, found: list[int], proposed: Iterator[int]) -> list[int]:
    """Keep the first of the proposed seasons that improves the ridge on held out rows."""
    for season in proposed:
        without, with_it = compare_on_hold_out(series, found, season)
        if with_it < (1 - LEAST_GAIN) * without:
            return [season]
    return []
