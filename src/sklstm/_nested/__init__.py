"""The forecaster inside a Pipeline, a search or a transformed target.

`inside` finds it, `parts` finds its parameters and methods, and `metadata` finds the metadata of
its fit. The functions of `forecasting` ask it for forecasts: `reaching` finds the estimators on the
way, `passing` transforms rows for it, and `restoring` transforms its forecasts back. `between`
passes the rows of a fold's gap, `gap` finds the gap that training and test rows need, and `own_row`
checks whether a regressor could copy its target. Begin with `inside`.
"""
