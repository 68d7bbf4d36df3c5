"""A recorded day once more: how people are learnt from what was seen of them."""
