"""Looking after an installation: health, backup and restore, and what is removed in time."""
