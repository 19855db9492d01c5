"""Seasons (temporary)."""

import numpy as np

from sklstm._closed_form.ridge import fit_ridge, split_rows


def _lags(x, lags):
    m = max(lags)
    return np.stack([x[m - l : len(x) - l] for l in lags], 1), m


def _design(x, seasons):
    near = list(range(2, 9))
    far = [s + o for s in seasons for o in (1, 0, -1) if s + o > 8]
    m = max(near + far)
    last = x[m - 1 : -1]
    Z = np.stack([x[m - l : len(x) - l] - last for l in near + far], 1)
    return Z, x[m:] - last


def find_season_lengths(series, natural=(), most=2):
    x = np.asarray(series, float)[-10000:]
    found = ()
    if len(x) < 50 or np.ptp(x) == 0:
        return ()
    for _ in range(most):
        Z, c = _design(x, found)
        if len(c) < 40:
            break
        r = c - fit_ridge(split_rows(Z, c)).predict(Z)
        s = r.std()
        if s == 0:
            break
        r = np.clip(r, -3 * s, 3 * s) - 0
        r = r - r.mean()
        n = len(r)
        f = np.fft.rfft(r, 2 * n)
        a = np.fft.irfft(f * np.conj(f))[:n]
        a = a / a[0]
        hi = n // 3
        bar = max(0.1, 4 / np.sqrt(n))
        cand = [
            k
            for k in range(2, min(hi, n - 1))
            if a[k] > bar and a[k] >= a[k - 1] and a[k] >= a[k + 1] and k not in found
        ]
        if not cand:
            break
        top = max(a[k] for k in cand)
        near = [k for k in cand if a[k] >= 0.8 * top]
        nat = [k for k in natural if any(abs(k - j) <= 2 for j in near)]
        k = nat[0] if nat else near[0]
        cut = len(x) - len(x) // 5

        def err(se):
            Z, c = _design(x, se)
            m = cut - (len(x) - len(c))
            if m < 20:
                return np.inf
            rd = fit_ridge(split_rows(Z[:m], c[:m]))
            return np.sqrt(np.mean((c[m:] - rd.predict(Z[m:])) ** 2))

        m = max(9, k + 2)
        if err((*found, k)) > 0.98 * err(found):
            break
        found = (*found, k)
    return found
