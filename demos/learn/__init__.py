"""Exercises in derivatives, graded by the questions of `viz.questions`.

exercises   the exercises as data, a TOML file each
exercise    reads them, and builds their graphs and questions
drawing     draws numbers with which all mistakes can be told apart
progress    a file that says where one stands
lesson      asks the questions at the terminal
checking    solves every exercise, and makes every mistake
"""
