"""The *Fix* tab: what is being tried, the best so far, the verdict."""
