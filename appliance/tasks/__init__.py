"""Tasks: what somebody is to do by a certain time, and who is told where that has not been done."""
