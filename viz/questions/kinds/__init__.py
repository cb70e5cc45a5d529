"""The kinds of questions, each a class.

numbers        the value of a node, and what all questions about a number have in common
edges          the local derivative along an edge, its contribution, the running sum
totals         the whole derivative with respect to a node
rows           a row of Table 1
formulas       the formula of a derivative
paths, order   all paths to a node, the order of the backward sweep; `routes` has what both need
signs          the sign of a change
wanted         the number of a leaf that gives a wanted derivative
descent        a step of gradient descent
"""
