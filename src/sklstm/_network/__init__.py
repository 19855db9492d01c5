"""The peephole LSTM: trained by a compiled program, and run forward in NumPy.

`weights` and `parameters` have the same numbers, by name and as one flat vector. `recurrence` is
the cell, `gradient` its derivative, and `training` the steps of Adam. `start` starts TensorFlow,
and `programs` compiles the training steps once for each of the `sizes` to which networks are
padded. `forward` predicts and needs none of these. Begin with `recurrence` or `forward`.
"""
