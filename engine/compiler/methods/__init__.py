"""The methods of `Program`, and what they return.

matrices    the Jacobian, the Hessian, and their products with a vector
parameters  parameters in memory, and sums over rows, for training
sums        the sums over rows of the last arguments: `summed`
bound       memory for one point: `bind`
"""
