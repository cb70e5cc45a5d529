"""Benchmarks: `python -m tests.bench` prints one table, `--quick` the same with fewer repeats.

`graphs` is what is built, `tasks` measures one thing in a process of its own, `__main__` runs these in turns.
"""
