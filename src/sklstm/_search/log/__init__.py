"""What a search remembers on disk, and how it goes on from there.

`problem` describes the search, `records` are the lines of its log, and `trial_log` reads and writes
them under a lock. `memory` answers for candidates that were scored before, `warm_start` takes over
the trials of another search.
"""
