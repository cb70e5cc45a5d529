"""Training: what `fit` is made of."""
