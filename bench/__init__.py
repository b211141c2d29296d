"""Benchmarks that print figures and ratios taken in one run: `python -m bench --help`."""
