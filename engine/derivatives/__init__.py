"""Derivatives of several outputs with respect to several inputs.

results            grad, jvp, vjp, jacobian, hessian, hvp
sweeps             the sweeps that these make, on floats and on `Value`s
modes              forward or reverse mode, and sweeps that carry vectors
local_derivatives  local derivatives as formulas and as graphs
nesting            lists and arrays of `Value`s, and results that are nested as they are
"""
