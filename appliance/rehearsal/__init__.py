"""Imagined calls: carried through the real flows on a simulated switch, told, and compared."""
