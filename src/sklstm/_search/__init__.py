"""BayesTimeSeriesSearchCV: from a space of parameters to the best of its candidates.

`search` keeps scikit-learn's contract. It has `audit` check folds and space, then `loop` asks
`proposals` for candidates, lets `trials` score them and writes them to the `log`. `choice`,
`results` and `report` tell what came out. Begin with `search`, then `loop`.
"""
