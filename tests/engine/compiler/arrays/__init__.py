"""Tests of `engine.compiler.arrays`."""
