"""The appliance on a real Asterisk: the stories of tests/scenarios, and what is Asterisk's alone."""
