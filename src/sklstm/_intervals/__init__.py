"""Prediction intervals around any regressor.

`conformal` keeps scikit-learn's contract. `bands` asks the regressor for what an interval is put
around, for each of the `leads` that it forecasts. `misses` says how far targets lie outside, and
`widths` how wide that makes an interval. `adaptation` has both follow newer rows, and `lagging`
predicts the paths that lead to these. Begin with `conformal`, then `misses` and `widths`.
"""
