"""The window: zones, header, cards, palette, status; routes arrivals to panes and actions to core."""
