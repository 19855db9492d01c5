"""What a row is: its columns, its labels, its windows, its history, its target.

Rows come in through `reading`, which checks them and reads their `labels`. `targets` finds the
column that y is; `windows` has the rule of which rows a prediction reads, and `history` says where
rows stand among those that are kept, by labels or by `recognition` of their values. `folds` splits
rows in time. Begin with `windows`.
"""
