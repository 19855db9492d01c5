"""How good forecasts are on rows that no fit has seen.

`skill_table` holds forecasters against the last value, the last season, and regressions on lags.
`temporal_train_test_split` keeps the last rows apart for it.
"""

from sklstm._rows.folds import temporal_train_test_split
from sklstm.evaluation._table import skill_table

__all__ = ["skill_table", "temporal_train_test_split"]
