"""The design tokens: every colour, size and weight that the window uses. Imports no Qt.

Green is reserved: ``passed`` and ``passed_fill`` appear only where a test has passed or a verdict
holds. Text colours keep a contrast of at least 4.5 on the surfaces they stand on (tested).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GRID: Final = 4
RADIUS: Final = 6
ROW: Final = 26
BAR_HEIGHT: Final = 10

TYPE_SCALE: Final = (11, 13, 15, 20, 28)
"""Pixels: small, base, lead, title, display."""
SMALL, BASE, LEAD, TITLE, DISPLAY = TYPE_SCALE


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. All colours are ``#rrggbb``."""

    name: str
    dark: bool

    window: str
    """The lowest surface: behind everything."""
    panel: str
    """The surface that content stands on."""
    raised: str
    """Headers, hover, chips."""
    border: str
    strong_border: str

    text: str
    muted: str
    link: str

    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    """Behind a selected row; ``text`` stands on it."""

    passed: str
    failed: str
    attention: str
    idle: str
    proposed: str

    passed_fill: str
    failed_fill: str
    attention_fill: str
    idle_fill: str
    proposed_fill: str
    pattern: str
    """Drawn over fills, so that colour is not the only cue."""

    failed_soft: str
    attention_soft: str
    passed_soft: str
    proposed_soft: str
    accent_soft: str

    focus: str
    """Around what has the focus; at least 3:1 against every surface (WCAG 1.4.11)."""

    added: str
    added_word: str
    """Added lines are blue until the tests have proven this very selection."""
    proven: str
    proven_word: str
    removed: str
    removed_word: str
    gutter: str

    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_name: str


LIGHT: Final = Theme(
    name="light",
    dark=False,
    window="#f4f5f7",
    panel="#ffffff",
    raised="#eceef1",
    border="#dcdfe4",
    strong_border="#b9c0c9",
    text="#1b1f24",
    muted="#555f6b",
    link="#1a56c4",
    accent="#1f5fd6",
    accent_hover="#184fb8",
    on_accent="#ffffff",
    selection="#dbe7fb",
    passed="#14662b",
    failed="#b3261e",
    attention="#7d4f00",
    idle="#5b6570",
    proposed="#6b3dbd",
    passed_fill="#2fa04d",
    failed_fill="#d8433a",
    attention_fill="#e0a526",
    idle_fill="#cdd2d9",
    proposed_fill="#9a72dd",
    pattern="#ffffff",
    failed_soft="#fdf0ef",
    attention_soft="#fdf5e1",
    passed_soft="#eaf6ed",
    proposed_soft="#f4effd",
    accent_soft="#eaf1fd",
    focus="#1f5fd6",
    added="#e6effd",
    added_word="#c3d9fb",
    proven="#e4f5e8",
    proven_word="#bde6c8",
    removed="#fdeceb",
    removed_word="#f8cdc9",
    gutter="#f4f5f7",
    code_keyword="#7a2fa8",
    code_string="#8a4100",
    code_number="#0b5c86",
    code_comment="#525c67",
    code_name="#1a4fa8",
)

DARK: Final = Theme(
    name="dark",
    dark=True,
    window="#14171b",
    panel="#1b1f24",
    raised="#272c33",
    border="#31373f",
    strong_border="#4a525d",
    text="#e4e8ec",
    muted="#a2acb8",
    link="#8ab4ff",
    accent="#3268cf",
    accent_hover="#3a70d9",
    on_accent="#ffffff",
    selection="#2a3a55",
    passed="#6fd08c",
    failed="#ff8f85",
    attention="#ecbb55",
    idle="#a2acb8",
    proposed="#c3a4ff",
    passed_fill="#3fae5e",
    failed_fill="#e0574d",
    attention_fill="#d39b26",
    idle_fill="#3a414a",
    proposed_fill="#9a72dd",
    pattern="#14171b",
    failed_soft="#2d1f20",
    attention_soft="#2c2618",
    passed_soft="#1b2a20",
    proposed_soft="#282238",
    accent_soft="#1e2838",
    focus="#5b93f5",
    added="#1c2a42",
    added_word="#29426d",
    proven="#1a3122",
    proven_word="#224a32",
    removed="#3a2224",
    removed_word="#5a2d2f",
    gutter="#181b20",
    code_keyword="#d3a6f5",
    code_string="#efb98a",
    code_number="#86cdf0",
    code_comment="#b4bec9",
    code_name="#9cc0ff",
)

CONTRAST: Final = Theme(
    name="contrast",
    dark=True,
    window="#000000",
    panel="#000000",
    raised="#1c1c1c",
    border="#a8a8a8",
    strong_border="#ffffff",
    text="#ffffff",
    muted="#e0e0e0",
    link="#7fd1ff",
    accent="#ffd84a",
    accent_hover="#ffe88f",
    on_accent="#000000",
    selection="#003766",
    passed="#6dff92",
    failed="#ffb3ac",
    attention="#ffd84a",
    idle="#e0e0e0",
    proposed="#dcc6ff",
    passed_fill="#28e05c",
    failed_fill="#ff5a4d",
    attention_fill="#ffd84a",
    idle_fill="#6e6e6e",
    proposed_fill="#c49bff",
    pattern="#000000",
    failed_soft="#330604",
    attention_soft="#2b2300",
    passed_soft="#00260c",
    proposed_soft="#20103d",
    accent_soft="#2b2300",
    focus="#ffd84a",
    added="#001d3d",
    added_word="#002f61",
    proven="#00260c",
    proven_word="#004015",
    removed="#330604",
    removed_word="#55100c",
    gutter="#000000",
    code_keyword="#e6b8ff",
    code_string="#ffc89a",
    code_number="#8fe0ff",
    code_comment="#dadada",
    code_name="#a9ccff",
)
"""Black and white with few strong colours; every text keeps a contrast of at least 7."""

THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}
CHOICES: Final = ("system", *THEMES)
"""What a user may choose."""
MIN_TEXT, MAX_TEXT = 80, 200
"""Per cent of the designed text size."""
MOTION_MS: Final = 150
"""How long what has changed takes to get there; 0 with reduced motion."""


def contrast(foreground: str, background: str) -> float:
    """The contrast ratio of two colours, 1..21 (WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(foreground), _luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
