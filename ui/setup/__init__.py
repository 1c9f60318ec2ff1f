"""The set-up of the open repository: a page of the window."""
