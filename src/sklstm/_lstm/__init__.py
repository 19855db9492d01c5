"""LSTMRegressor: from rows to a trained network, and from predictions back to the units of y.

`regressor` keeps scikit-learn's contract. `preprocessing` prepares rows by a `design`: `examples`
says which targets train and which validate, `scaling` brings windows to the network's units.
`members` are the networks: `epochs` trains each, with `batches` laid out for the program, and
leaves what `trained` describes; `combination` says how much of a forecast counts. The `forecaster`
is all that predictions need. Begin with `forecaster`.
"""
