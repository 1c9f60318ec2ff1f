"""The style sheet: one small text made from a theme's tokens. Imports no Qt.

Widgets opt in to a look through the dynamic property ``look`` (``primary``, ``quiet``, ``card``,
``muted``, ...), so that no widget names a colour.
"""

from __future__ import annotations

from ui.theme.tokens import RADIUS, TYPE_SCALE, Theme


def sheet_of(theme: Theme, scale: float = 1.0) -> str:
    """The whole style sheet of ``theme``; ``scale`` is that of text, which heights follow."""
    t = theme
    small, base, lead, title, display = (round(size * scale) for size in TYPE_SCALE)
    line, tight, two_lines = (round(high * scale) for high in (20, 18, 46))
    mark = 2 * round(7 * scale)
    return f"""
QWidget {{ font-size: {base}px; color: {t.text}; }}
QMainWindow, QDialog, QStackedWidget, #page {{ background: {t.window}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}

QLabel {{ background: transparent; }}
QLabel[look="small"] {{ font-size: {small}px; color: {t.muted}; }}
QLabel[look="muted"] {{ color: {t.muted}; }}
QLabel[look="lead"] {{ font-size: {lead}px; font-weight: 600; }}
QLabel[look="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[look="display"] {{ font-size: {display}px; font-weight: 600; }}
QLabel[look="strong"] {{ font-weight: 600; }}
QLabel[look="zone"] {{ font-size: {small}px; font-weight: 600; color: {t.muted}; letter-spacing: 1px; }}
QLabel[tone="passed"] {{ color: {t.passed}; }}
QLabel[tone="failed"] {{ color: {t.failed}; }}
QLabel[tone="attention"] {{ color: {t.attention}; }}
QLabel[tone="idle"] {{ color: {t.muted}; }}
QLabel[tone="proposed"] {{ color: {t.proposed}; }}

QPushButton, QToolButton {{
    background: {t.panel}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    padding: 4px 12px; min-height: {line}px;
}}
QPushButton:hover, QToolButton:hover {{ background: {t.raised}; border-color: {t.strong_border}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {t.selection}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {t.focus}; }}
QPushButton:disabled, QToolButton:disabled {{
    color: {t.strong_border}; background: transparent; border-color: {t.border};
}}
QPushButton[look="primary"] {{
    background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600;
}}
QPushButton[look="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[look="primary"]:focus {{ border-color: {t.text}; }}
QPushButton[look="primary"]:disabled {{
    background: {t.raised}; color: {t.strong_border}; border-color: {t.border};
}}
QPushButton[look="quiet"], QToolButton[look="quiet"] {{
    background: transparent; border-color: transparent;
}}
QPushButton[look="quiet"]:hover, QToolButton[look="quiet"]:hover {{ background: {t.raised}; }}
QPushButton[look="quiet"]:focus, QToolButton[look="quiet"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="close"] {{
    background: transparent; border-color: transparent; padding: 1px 6px; min-height: {tight}px;
}}
QPushButton[look="close"]:hover {{ background: {t.raised}; }}
QPushButton[look="close"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="link"] {{
    background: transparent; border: 1px solid transparent; color: {t.link};
    padding: 2px 4px; text-align: left;
}}
QPushButton[look="link"]:hover {{ background: {t.accent_soft}; }}
QPushButton[look="link"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="chip"] {{
    background: {t.raised}; border-color: {t.border}; padding: 1px 10px; min-height: {tight}px;
}}
QPushButton[look="chip"]:hover {{ border-color: {t.strong_border}; }}
QPushButton[look="chip"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="fold"] {{
    background: transparent; border: 1px solid transparent; color: {t.muted};
    padding: 2px 4px; text-align: left;
}}
QPushButton[look="fold"]:hover {{ color: {t.text}; }}
QPushButton[look="fold"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="status"] {{
    background: transparent; border: 1px solid transparent; color: {t.muted}; font-size: {small}px;
    padding: 0 4px; min-height: {tight}px;
}}
QPushButton[look="status"]:hover {{ color: {t.text}; background: {t.raised}; }}
QPushButton[look="status"]:focus {{ border-color: {t.focus}; }}
QPushButton[look="row"] {{
    background: transparent; border: 1px solid transparent; text-align: left;
    padding: 0; min-height: {two_lines}px;
}}
QPushButton[look="row"]:hover {{ background: {t.raised}; }}
QPushButton[look="row"]:focus {{ border-color: {t.focus}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}

QLineEdit {{
    background: {t.panel}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    padding: 3px 8px; min-height: {line}px;
    selection-background-color: {t.selection}; selection-color: {t.text};
}}
QLineEdit:focus {{ border-color: {t.focus}; }}
QLineEdit > QToolButton {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QAbstractSpinBox, QComboBox {{
    background: {t.panel}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    padding: 3px 8px; min-height: {line}px;
}}
QAbstractSpinBox:focus, QComboBox:focus {{ border-color: {t.focus}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QComboBox::drop-down {{ border: none; background: transparent; width: {line}px; }}
QComboBox::down-arrow {{
    width: 0; height: 0; margin-right: 8px; border-left: 4px solid {t.panel};
    border-right: 4px solid {t.panel}; border-top: 5px solid {t.muted};
}}
QComboBox QAbstractItemView {{ border: 1px solid {t.border}; }}
QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QPlainTextEdit, QTextEdit {{
    background: {t.panel}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    selection-background-color: {t.selection}; selection-color: {t.text};
}}
QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.focus}; }}

QTextBrowser[look="prose"] {{ background: transparent; border: none; padding: 0; }}
QPlainTextEdit[look="well"] {{ background: {t.window}; }}

QFrame[look="card"] {{ background: {t.panel}; border: 1px solid {t.border}; border-radius: {RADIUS}px; }}
QFrame[look="card"][tone="failed"] {{ background: {t.failed_soft}; border-color: {t.failed_fill}; }}
QFrame[look="card"][tone="attention"] {{
    background: {t.attention_soft}; border-color: {t.attention_fill};
}}
QFrame[look="card"][tone="passed"] {{ background: {t.passed_soft}; border-color: {t.passed_fill}; }}
QFrame[look="card"][tone="proposed"] {{
    background: {t.proposed_soft}; border-color: {t.proposed_fill};
}}
QFrame[look="popover"] {{
    background: {t.panel}; border: 1px solid {t.strong_border}; border-radius: {RADIUS}px;
}}
QFrame[look="drop"] {{ background: {t.accent_soft}; border: 2px dashed {t.accent}; }}
QFrame[look="well"] {{ background: {t.window}; border: 1px solid {t.border}; border-radius: {RADIUS}px; }}
QFrame[look="header"] {{ background: {t.panel}; border: none; border-bottom: 1px solid {t.border}; }}
QFrame[look="strip"] {{ background: {t.panel}; border: none; border-top: 1px solid {t.border}; }}
QFrame[look="panel"], QWidget[look="panel"] {{ background: {t.panel}; border: none; }}
QFrame[look="line"] {{ background: {t.border}; border: none; }}

QTabWidget {{ background: {t.panel}; }}
QTabWidget::pane {{ border: none; background: {t.panel}; }}
QTabWidget::tab-bar {{ left: 0; }}
QTabBar {{ background: {t.panel}; }}
QTabBar::tab {{
    background: transparent; color: {t.muted}; border: none; border-bottom: 2px solid transparent;
    padding: 7px 10px 6px 10px; margin: 0 2px 0 6px;
}}
QTabBar::tab:hover {{ color: {t.text}; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
QTabBar::tab:focus {{ background: {t.accent_soft}; }}

QAbstractItemView {{
    background: {t.panel}; border: none; outline: none;
    selection-background-color: {t.selection}; selection-color: {t.text};
}}
DiffView {{ border: none; }}
QScrollArea, RowList {{ border: none; border-top: 2px solid {t.panel}; }}
QScrollArea:focus, RowList:focus {{ border-top-color: {t.focus}; }}
#welcome, #cards, #models {{ border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: {t.panel}; }}
#welcome, #cards, #models, #welcome > QWidget > QWidget, #cards > QWidget > QWidget,
#models > QWidget > QWidget {{ background: {t.window}; }}
QHeaderView {{ background: {t.panel}; }}
QHeaderView::section {{
    background: {t.panel}; color: {t.muted}; border: none; border-bottom: 1px solid {t.border};
    padding: 4px 8px; font-size: {small}px;
}}

QSplitter::handle {{ background: {t.border}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}

QMenu {{ background: {t.panel}; border: 1px solid {t.border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.selection}; }}
QMenu::item:disabled {{ color: {t.strong_border}; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}

QProgressBar {{
    background: {t.raised}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}

QCheckBox, QRadioButton {{ spacing: 6px; background: transparent; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: {mark}px; height: {mark}px; background: {t.panel}; border: 1px solid {t.muted};
}}
QCheckBox::indicator {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: {mark // 2 + 1}px; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{
    width: {mark - 6}px; height: {mark - 6}px; background: {t.on_accent}; border: 4px solid {t.accent};
}}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {t.focus}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {t.border}; }}

QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {t.idle_fill}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.strong_border}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
