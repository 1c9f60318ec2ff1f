"""The model manager and the keys of servers: a page of the window."""
