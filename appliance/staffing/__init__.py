"""How many agents are needed when: by Erlang's formulas, and by simulation with the real line.

`demand` is what there is to be done, made by `history` from the records and by `forecast` from a CSV file;
`target` is how well; `formulas` and `trial` each say how many agents that takes; `plan` puts both side by side.
"""
