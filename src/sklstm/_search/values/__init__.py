"""Values that a search compares and shows: descriptions, means that stay finite, and units.

`description` describes a value, and a function by its `syntax`; two values are the same if their
descriptions are equal. `averages` computes means of scores, and `units` the unit of an error.
"""
