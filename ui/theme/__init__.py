"""How Greenbar looks: tokens, palette, style sheet, fonts. Nothing outside this folder names a colour."""
