"""One candidate on its folds: from parameters to a trial with scores, seconds and a status.

`rounds` has `workers` run the `fits` of a candidate fold by fold, `scoring` reads what the scorer
says, and `pruning` spares hopeless candidates their last folds. All of it ends in one `trial`.
"""
