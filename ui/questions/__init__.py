"""Question cards: what is asked, the options, and what became of the answers."""
