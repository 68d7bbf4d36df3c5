"""A switch that exists only in memory, on a clock of its own."""
