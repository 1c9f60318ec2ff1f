"""What proves a fix, the page about it, and its commit, as the window shows them."""
