"""The tests. Never installed."""
