"""The appliance on a real Asterisk, with real SIP phones: what people do, what they hear, and what is written."""
