"""BayesTimeSeriesSearchCV: from a space of parameters to the best of its candidates.

`search` keeps scikit-learn's contract. `preparation` turns the user's rows into folds, spaces and a
plan, which `audit` checks. `running` starts workers and callbacks around the `loop`, which asks
`proposals` for candidates, lets `trials` score them and writes them to the `log`. `choice`,
`results` and `report` present the result. `best_forecasts` are those of the best candidate. Begin
with `search`, then `preparation` and `loop`.
"""
