"""Proposals of candidates: from the user's spaces to points that the search evaluates.

`dimensions` reads the spaces, `starts` reads the start points, and `plan` decides how many points
of each kind are proposed. `optimizer` proposes points from a `surrogate` model of the `losses` of
earlier trials.
"""
