"""Stories about a call centre with real SIP phones: what people do, what they hear, and what is written.

They know nothing of the switch they run on: tests/asterisk and tests/freeswitch collect them, each with a Machine.
"""
