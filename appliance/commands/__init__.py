"""The commands of the command line, a file a subject; appliance.cli puts them together."""
