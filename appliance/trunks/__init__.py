"""Trunks: which way a call takes to the outside, and how each way is."""
