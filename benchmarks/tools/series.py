"""The series that are measured on: prices, sunspots, the Nile."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sklstm.datasets import load_stock

N_ROWS = 3200


def load_prices(csv: str | None) -> np.ndarray:
    """Load closing prices and volumes, (n_rows, 2), oldest first: by default the embedded ones."""
    if csv is None:
        return load_stock().frame[["close", "volume"]].to_numpy(float)
    # Mixed: any way to write a date will do, and "4-May-17" is no padded "04-May-17".
    frame = pd.read_csv(csv, parse_dates=["Date"], date_format="mixed").sort_values("Date")
    return frame[["Close", "Volume"]].to_numpy(float)


def load_rows(csv: str | None) -> np.ndarray:
    """Load the first rows of the prices, (N_ROWS, 2)."""
    return load_prices(csv)[:N_ROWS]


def load_sunspots() -> np.ndarray:
    """Load the yearly numbers, (309, 1)."""
    from statsmodels.datasets import sunspots  # not in processes that read prices

    return sunspots.load_pandas().data[["SUNACTIVITY"]].to_numpy(float)


def load_nile() -> np.ndarray:
    """Load the yearly volumes at Aswan, (100, 1)."""
    from statsmodels.datasets import nile

    return nile.load_pandas().data[["volume"]].to_numpy(float)


SERIES: dict[str, Callable[[], np.ndarray]] = {
    "stock": lambda: load_rows(None),
    "sunspots": load_sunspots,
    "nile": load_nile,
}
