"""Fifty agents and a hundred callers who do what people do, and an auditor who compares what each of them saw with
the records and with the switch's own."""
