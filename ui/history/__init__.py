"""The page of the tasks of the past."""
