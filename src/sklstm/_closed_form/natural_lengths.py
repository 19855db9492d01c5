"""Natural lengths of a season: the number of rows in a minute, hour, day, week and year."""

from __future__ import annotations

import numpy as np

from sklstm._closed_form.seasons import MOST_ROWS, TIMES_HELD
from sklstm._rows.labels import Labels

SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "year": 31_556_952}
LEAST_LENGTH = 3  # rows; two half hours of an hour are no season
NEAR = 0.01  # of a period: tolerance for its end, because a year is 52 weeks and a day
SHARE_ALIKE = 0.5  # of the rows; a missing hour breaks each of the 168 weeks that it is in


def find_natural_lengths(labels: Labels | None) -> tuple[int, ...]:
    """Find the natural lengths of rows with these labels, shortest first; none without dates.

    The rows of a period are counted from each row on, and the most common count is the length: 24
    and 168 for hours, 7 and 365 for days, 5 for business days, 52 for weeks, 12 for months, and 18
    for a car park that is open for 18 half hours a day.
    """
    if labels is None or labels.values.dtype.kind not in "mM":
        return ()
    values = labels.values[-MOST_ROWS:]
    seconds = (values - values[:1]) / np.timedelta64(1, "s")
    if len(seconds) < LEAST_LENGTH * TIMES_HELD or not labels.increase:
        return ()
    counts = [_count_rows(seconds, period) for period in SECONDS.values()]
    longest = len(seconds) // TIMES_HELD
    return tuple(dict.fromkeys(rows for rows in counts if LEAST_LENGTH <= rows <= longest))


def _count_rows(seconds: np.ndarray, period: float) -> int:
    """Return the most common number of rows in a period; 0 if the numbers differ too much."""
    steps, times = np.unique(np.diff(seconds), return_counts=True)
    near = min(steps[np.argmax(times)] / 2, NEAR * period)
    begin = np.arange(np.searchsorted(seconds, seconds[-1] - period, side="right"))
    if len(begin) == 0:
        return 0
    first, end = (np.searchsorted(seconds, seconds[begin] + period + s) for s in (-near, near))
    counts = np.bincount((first - begin)[first < end], minlength=1)
    commonest = int(np.argmax(counts))
    return commonest if counts[commonest] > SHARE_ALIKE * len(begin) else 0
