"""The parts of compare.py and scale.py. Nothing here judges: it measures and writes down."""
