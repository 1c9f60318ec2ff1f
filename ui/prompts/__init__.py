"""The *Prompts* tab: exactly what a model was asked, and what it answered."""
