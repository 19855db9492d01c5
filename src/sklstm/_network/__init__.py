"""The peephole LSTM as a compiled program: from scaled windows to trained weights.

`weights` and `parameters` are the same numbers, by name and as one flat vector. `recurrence` is the
cell, `gradient` its derivative, and `training` the steps of Adam. `programs` compiles these once
for the `sizes` that a network is padded to. Begin with `recurrence`.
"""
