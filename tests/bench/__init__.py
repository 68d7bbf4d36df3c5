"""The measurements beside the switch's own queue: `make bench`. Never part of the timed tests."""
