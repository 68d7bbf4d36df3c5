"""Renders Settings into a switch's own configuration files and installs them."""
