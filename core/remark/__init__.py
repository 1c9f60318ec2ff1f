"""Refine by remark: what the user says of a candidate, understood, checked and carried out."""
