"""Gives phones their configuration: files for each model, and one-time links under which they fetch them."""
