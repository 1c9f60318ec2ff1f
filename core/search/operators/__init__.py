"""Mutation operators: each looks at one syntax node and offers small changes to its source text.

Pure code: values in, values out; knows :mod:`core.search.splice` and the standard library only.
"""
