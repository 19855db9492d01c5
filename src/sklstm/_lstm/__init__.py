"""LSTMRegressor: from rows to a trained network, and from predictions back to the units of y.

`regressor` keeps scikit-learn's contract. `preprocessing` prepares rows according to a `design`:
`examples` selects the targets for training and validation, and `scaling` converts windows to the
network's units. `members` are the networks: `epochs` trains each one on `batches` for the compiled
program and returns a `trained` network, and `combination` computes its share of the forecast. The
`forecaster` contains everything that predictions need. Begin with `forecaster`.
"""
