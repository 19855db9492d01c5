"""Rows of a time series: their columns, labels, windows, history and targets.

`reading` checks the rows and reads their `labels`. `targets` finds the column of X that y is taken
from. `windows` contains the rule for the rows that a prediction reads. `history` finds the position
of rows among the kept ones, by their labels or by `recognition` of their values. `folds` splits
rows in time. Begin with `windows`.
"""
