"""The appliance on a real FreeSWITCH: the stories of tests/scenarios, and what is FreeSWITCH's alone."""
