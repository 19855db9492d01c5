"""Which candidate comes next: from the user's spaces to points that the search asks for.

`dimensions` reads the spaces, `starts` the points to begin with, and `plan` decides how many of
which kind are asked. `optimizer` asks a `surrogate` model that was told the `losses` of earlier
trials.
"""
