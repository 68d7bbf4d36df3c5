"""When it is open, and what supervisors set by hand: hours and notices."""
