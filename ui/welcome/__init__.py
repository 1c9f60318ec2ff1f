"""The page shown while no repository is open."""
