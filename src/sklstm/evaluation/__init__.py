"""How good forecasts are on rows that no fit has seen.

`skill_table` holds forecasters against the last value, the last season, and regressions on lags.
`temporal_train_test_split` keeps the last rows apart for it. `make_path_scorer` scores forecasts of
several steps in scikit-learn's cross-validation and searches.
"""

from sklstm._rows.folds import temporal_train_test_split
from sklstm.evaluation._path_scorer import make_path_scorer
from sklstm.evaluation._table import skill_table

__all__ = ["make_path_scorer", "skill_table", "temporal_train_test_split"]
