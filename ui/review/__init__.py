"""The *Review* tab: the verdict line, the diff, the choice of hunks."""
