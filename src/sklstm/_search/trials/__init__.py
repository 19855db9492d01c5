"""One candidate on its folds: from parameters to a trial with scores, seconds and a status.

In `rounds`, `workers` run the `fits` of candidates fold by fold. `scoring` reads the scores, and
`pruning` skips the last folds of hopeless candidates. The result is a `trial`.
"""
