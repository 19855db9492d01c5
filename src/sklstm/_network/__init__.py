"""The peephole LSTM: trained by a compiled program, and run forward in NumPy.

`weights` and `parameters` are the same numbers, by name and as one flat vector. `recurrence` is the
cell, `gradient` its derivative, and `training` the steps of Adam. `start` starts TensorFlow, and
`programs` compiles these once for the `sizes` that a network is padded to. `forward` predicts and
needs none of that. Begin with `recurrence`, or with `forward`.
"""
