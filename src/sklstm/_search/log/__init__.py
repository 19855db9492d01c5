"""The log of a search on disk, from which a search can be resumed.

`problem` describes the search, `records` are the lines of its log, and `trial_log` reads and writes
them under a lock. `memory` finds candidates that were scored before, and `warm_start` reads the
trials of another search.
"""
