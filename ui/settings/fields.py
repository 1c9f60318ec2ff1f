"""One setting as a row: what it is, its control, what the repository says instead, the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QKeySequenceEdit,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from core.types import SettingOverride, SettingSpec, SettingValue
from ui.actions import Action
from ui.theme.look import Look
from ui.widgets import button, column, label, restyle, row
from ui.words import tr

_CONTROL = 256
_MOST_WHOLE = 2**31 - 1


class Row(QWidget):
    """Title and help at the left, the control at the right. ``changed`` is called with a new value,
    ``None`` for the default."""

    def __init__(
        self,
        title: str,
        words: str,
        control: QWidget,
        look: Look,
        changed: Callable[[SettingValue | None], None],
    ) -> None:
        super().__init__()
        self.searched = f"{title} {words}".lower()
        self._own = label(look="small", tone="attention", wrap=True)
        self._own.hide()
        names = column(gap=2)
        names.addWidget(label(title, look="strong", wrap=True))
        if words:
            names.addWidget(label(words, look="small", wrap=True))
        names.addWidget(self._own)
        self._default = button(
            tr("Default"), lambda: changed(None), "link", tr("Default of {t}", t=title)
        )
        control.setAccessibleName(title)
        control.setAccessibleDescription(words)
        for inner in control.findChildren(QLineEdit):
            inner.setAccessibleName(title)
        look.fit(control, "setFixedWidth", _CONTROL)
        layout = row(self, (0, 6, 0, 6), 12)
        layout.addLayout(names, 1)
        layout.addWidget(self._default)
        layout.addWidget(control)
        keep = self._default.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._default.setSizePolicy(keep)

    def show_state(self, *, is_default: bool, own: SettingOverride | None) -> None:
        self._default.setVisible(not is_default)
        self._own.setVisible(own is not None)
        if own is not None:
            words = tr("In this repository: {value}, by {place}.", value=own.value, place=own.place)
            self._own.setText(words)

    def say(self, words: str) -> None:
        """A word on what was just tried; empty takes it away."""
        self._own.setText(words)
        self._own.setVisible(bool(words))
        restyle(self._own, tone="attention")


def control_for(
    spec: SettingSpec, default: SettingValue, changed: Callable[[SettingValue | None], None]
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    """The control that the schema asks for, and how a value is put in without a word to anybody."""
    if spec.choices:
        return _choice(spec, changed)
    match default:
        case bool():
            return _switch(changed)
        case int():
            return _whole(spec, changed)
        case float():
            return _number(spec, changed)
        case _:
            return _text(spec, changed)


def key_control(
    action: Action, changed: Callable[[str], None]
) -> tuple[QKeySequenceEdit, Callable[[str], None]]:
    """Where the keys of an action are pressed."""
    made = QKeySequenceEdit()
    made.setMaximumSequenceLength(1)
    made.setClearButtonEnabled(True)
    made.setObjectName(action.id)
    made.editingFinished.connect(
        lambda: changed(made.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
    )

    def put(keys: str) -> None:
        if not made.hasFocus():
            made.setKeySequence(QKeySequence(keys))

    return made, put


def _choice(
    spec: SettingSpec, changed: Callable[[SettingValue | None], None]
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    made = QComboBox()
    for value, title in spec.choices:
        made.addItem(tr(title), value)
    made.activated.connect(lambda place: changed(made.itemData(place)))
    return made, lambda value: made.setCurrentIndex(made.findData(value))


def _switch(
    changed: Callable[[SettingValue | None], None],
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    # A list of two: Fusion's box cannot be told from the ground in high contrast.
    made = QComboBox()
    made.addItem(tr("On"), True)
    made.addItem(tr("Off"), False)
    made.activated.connect(lambda place: changed(place == 0))
    return made, lambda value: made.setCurrentIndex(0 if value else 1)


def _whole(
    spec: SettingSpec, changed: Callable[[SettingValue | None], None]
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    made = QSpinBox()
    made.setRange(int(spec.least or 0), min(int(spec.most or _MOST_WHOLE), _MOST_WHOLE))
    _dress(made, spec)
    made.valueChanged.connect(changed)
    return made, lambda value: _put(made, lambda: made.setValue(_int(value)))


def _number(
    spec: SettingSpec, changed: Callable[[SettingValue | None], None]
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    made = QDoubleSpinBox()
    made.setDecimals(2 if (spec.most or 0) <= 10_000 else 0)
    made.setRange(spec.least or 0, spec.most or 1e9)
    _dress(made, spec)
    made.valueChanged.connect(changed)
    return made, lambda value: _put(made, lambda: made.setValue(_float(value)))


def _dress(made: QSpinBox | QDoubleSpinBox, spec: SettingSpec) -> None:
    made.setKeyboardTracking(False)
    made.lineEdit().setTextMargins(8, 0, 8, 0)
    made.setSuffix(f" {tr(spec.unit)}" if spec.unit else "")
    made.setSpecialValueText(tr(spec.zero) if spec.zero else "")


def _text(
    spec: SettingSpec, changed: Callable[[SettingValue | None], None]
) -> tuple[QWidget, Callable[[SettingValue], None]]:
    made = QLineEdit()
    made.setPlaceholderText(tr(spec.zero) if spec.zero else "")
    made.editingFinished.connect(lambda: changed(made.text()))
    return made, lambda value: None if made.hasFocus() else made.setText(str(value))


def _put(control: QWidget, put: Callable[[], None]) -> None:
    before = control.blockSignals(True)
    put()
    control.blockSignals(before)


def _int(value: SettingValue) -> int:
    return value if isinstance(value, int) else 0


def _float(value: SettingValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
