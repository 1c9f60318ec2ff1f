"""What is cut stays distinguishable from its neighbours."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from ui.elide import elide_change, elide_test
from ui.theme.look import Look


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetrics:
    look = Look(qapp, "light")
    found = QFontMetrics(look.font())
    look.deleteLater()
    return found


def test_cut_names_of_parametrised_tests_differ(metrics: QFontMetrics) -> None:
    parameters = ("[0.5-390]", "[1.0-390]", "[1.1-480]", "[31.5-1750]")
    names = [f"test_price_follows_the_bands_of_the_table{part}" for part in parameters]
    cut = [elide_test(name, 200, metrics) for name in names]
    assert len(set(cut)) == len(names)
    assert all(text.endswith(part) for text, part in zip(cut, parameters, strict=True))
    assert all(metrics.horizontalAdvance(text) <= 200 for text in cut)


def test_names_that_fit_are_left_alone(metrics: QFontMetrics) -> None:
    assert elide_test("test_a[1]", 400, metrics) == "test_a[1]"


def test_parameters_without_end_are_cut_as_well(metrics: QFontMetrics) -> None:
    cut = elide_test("test_a[" + "parameter-" * 30 + "last]", 200, metrics)
    assert metrics.horizontalAdvance(cut) <= 200
    assert cut.startswith("test_a")
    assert cut.endswith("last]")


def test_a_cut_title_keeps_its_place_and_both_ends(metrics: QFontMetrics) -> None:
    title = "rates.py:32 put max(each, …) around total / len(weights) and then some more"
    cut = elide_change(title, 250, metrics)
    assert cut.startswith("rates.py:32 put")
    assert cut.endswith("more")
    assert metrics.horizontalAdvance(cut) <= 250
