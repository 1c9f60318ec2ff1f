"""The doctor: what is ready, what mends what is not, and what the sandbox was seen to hold."""
