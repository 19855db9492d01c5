"""Results in closed form, before any network: seasons, unit roots and linear forecasts.

A series is an array of numbers in time order. `unit_root` tests whether it returns to a
level, `ridge` fits a linear forecast, and `lag_ridge` fits one on the last rows of a series.
`seasons` finds repetitions in its residuals, and `natural_lengths` finds the seasons to expect from
dates. No result depends on the number of threads: sums run in NumPy's own loops, not in BLAS.

Read `ridge` first.
"""
