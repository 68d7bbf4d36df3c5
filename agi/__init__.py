"""Asterisk: the port of appliance.port over FastAGI and AMI (pyst2 under armour)."""
