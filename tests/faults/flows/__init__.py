"""Flows that `test_points` breaks off at each of their points, beside those of an order that are its own."""
