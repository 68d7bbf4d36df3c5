"""The stories of legs, one file an Entry: read top to bottom."""
