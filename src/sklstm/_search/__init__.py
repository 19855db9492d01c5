"""BayesTimeSeriesSearchCV: from a space of parameters to the best of its candidates.

`search` keeps scikit-learn's contract. `preparation` takes the user's rows to folds, spaces and a
plan, and has `audit` check them. `running` starts workers and callbacks around the `loop`, which
asks `proposals` for candidates, lets `trials` score them and writes them to the `log`. `choice`,
`results` and `report` say what came out. `best_forecasts` are those of the best candidate. Begin
with `search`, then `preparation` and `loop`.
"""
