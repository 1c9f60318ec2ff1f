"""The task at hand: what is being tried, the best so far, the verdict."""
