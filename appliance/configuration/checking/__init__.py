"""What is wrong with a configuration as a whole, one file a subject.

Each check takes what was read and yields findings; `appliance.configuration.checks` runs them all.
"""
