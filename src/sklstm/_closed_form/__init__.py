"""What is found in closed form, before any network: seasons, unit roots, linear forecasts.

A series comes in as numbers in the order of time. `unit_root` tells whether it returns to a level,
`ridge` fits a linear forecast, `lag_ridge` one on a series' own last rows, and `seasons` finds what
repeats in what that leaves; `natural_lengths` reads off dates which seasons to expect. No result
depends on the number of threads: sums run in NumPy's own loops, not in BLAS.

Read `ridge` first.
"""
