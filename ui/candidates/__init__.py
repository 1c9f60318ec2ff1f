"""The *Candidates* tab: every candidate with its proposer and result."""
