"""The forecaster inside a Pipeline, a search or a transformed target.

`inside` walks down to it and `parts` finds what it offers; `metadata` says what its fit gets. The
functions of `forecasting` ask it for forecasts: `reaching` finds the way in, `passing` takes rows
along it, `restoring` brings forecasts back. `between` hands over the rows of a fold's gap, `gap`
asks how many rows training and test must lie apart, and `own_row` whether it could copy its target.
Begin with `inside`.
"""
