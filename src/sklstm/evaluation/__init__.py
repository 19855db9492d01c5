"""Evaluation of forecasts on held-out rows.

`skill_table` compares forecasters with the last value, the last season and regressions on lags.
`temporal_train_test_split` holds out the last rows. `make_path_scorer` scores forecasts of several
steps in scikit-learn's cross-validation and searches.
"""

from sklstm._rows.folds import temporal_train_test_split
from sklstm.evaluation._path_scorer import make_path_scorer
from sklstm.evaluation._table import skill_table

__all__ = ["make_path_scorer", "skill_table", "temporal_train_test_split"]
