"""The line: callers in their order, agents in theirs, and who is offered to whom. All of it pure."""
