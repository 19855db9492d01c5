"""Prediction intervals around any regressor.

`conformal` keeps scikit-learn's contract. `bands` asks the regressor for the band that an interval
widens, for each of the `leads` that it forecasts. `misses` measures how far targets are outside the
band, and `widths` computes the width of the interval from that. `adaptation` updates both with
newer rows, and `lagging` predicts the paths that these rows complete. Begin with `conformal`, then
`misses` and `widths`.
"""
