"""The call centre on the simulated switch, in virtual time, and the simulator itself."""
