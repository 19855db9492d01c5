"""What a search compares and shows: values described as text, means that stay finite, units.

`description` says what a value is, a function by its `syntax`; two values are the same if they are
described alike. `averages` are the means of scores, `units` what an error is shown in.
"""
