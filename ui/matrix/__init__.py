"""The *Matrix* tab: every candidate against every test."""
