"""Measures the program against the tools that an operator would take instead of it."""
