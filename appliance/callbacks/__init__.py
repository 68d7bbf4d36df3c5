"""Calling back: from the decision of the line to a customer on the phone."""
