"""A throw-away switch on this machine, real SIP phones, and the demonstration that proves the main job."""
