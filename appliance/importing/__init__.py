"""Other systems' configurations as a draft of ours: one file a system, and what they have in common."""
