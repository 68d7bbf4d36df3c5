"""What is said: prompts, the values in them, and the sounds they become."""
