"""LSTMRegressor: from rows to a trained network, and from predictions back to the units of y.

`regressor` keeps scikit-learn's contract. `examples` chooses the targets that train and validate,
`scaling` brings windows to the network's units, `batches` lays them out for the program, and
`epochs` trains until it is enough; `trained` is what it leaves. Begin with `regressor`.
"""
