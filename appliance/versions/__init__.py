"""Versions of the configuration: what differs, putting one in force, and taking it back."""
