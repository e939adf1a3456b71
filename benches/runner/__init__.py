"""Modules of compare.py and scale.py. They measure and report, and judge nothing."""
