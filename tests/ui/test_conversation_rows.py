"""A list of very many rows: what is in sight is built, what is read stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.ui import replay
from tests.ui.replay import Stage
from ui.conversation.geometry import Heights
from ui.conversation.rows import Row, RowList

HIGH = 40


class Numbered(Row):
    """A row whose guess is wrong by half."""

    built = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def guess(self, width: int) -> int:
        return HIGH // 2

    def build(self) -> QWidget:
        Numbered.built += 1
        made = QLabel(f"row {self.number}")
        made.setMinimumHeight(HIGH)
        return made


@pytest.fixture
def rows(qapp: QApplication) -> Iterator[RowList]:
    made = RowList()
    made.resize(400, 300)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QTest.qWait(1)


def in_sight(rows: RowList) -> list[str]:
    labels = [one for one in rows.viewport().findChildren(QLabel) if not one.isHidden()]
    area = rows.viewport().rect()
    seen = [one for one in labels if area.intersects(one.geometry())]
    return [one.text() for one in sorted(seen, key=QLabel.y)]


def test_of_ten_thousand_rows_only_those_near_are_built(rows: RowList) -> None:
    Numbered.built = 0
    rows.append([Numbered(n) for n in range(10_000)])
    QTest.qWait(1)
    assert in_sight(rows)[-1] == "row 9999"
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum() // 2)
    rows.verticalScrollBar().setValue(0)
    assert in_sight(rows)[0] == "row 0"
    assert Numbered.built < 200
    assert rows.alive() < 100


def test_who_reads_further_up_is_left_where_they_are(rows: RowList) -> None:
    numbered = [Numbered(n) for n in range(200)]
    rows.append(numbered)
    QTest.qWait(1)
    rows.reveal(numbered[100])
    seen = in_sight(rows)
    rows.append([Numbered(n) for n in range(200, 220)])
    rows.insert(0, [Numbered(-1)])
    rows.remove(numbered[3:9])
    QTest.qWait(1)
    assert in_sight(rows) == seen


def test_the_end_is_followed_until_the_user_leaves_it(rows: RowList) -> None:
    rows.append([Numbered(n) for n in range(50)])
    QTest.qWait(1)
    rows.append([Numbered(50)])
    QTest.qWait(1)
    assert in_sight(rows)[-1] == "row 50"
    QTest.keyClick(rows, Qt.Key.Key_PageUp)
    rows.append([Numbered(51)])
    QTest.qWait(1)
    assert "row 51" not in in_sight(rows)
    QTest.keyClick(rows, Qt.Key.Key_End)
    assert in_sight(rows)[-1] == "row 51"


def test_heights_give_places_and_places_give_rows() -> None:
    heights = Heights([10, 20, 30])
    assert [heights.top(row) for row in range(4)] == [0, 10, 30, 60]
    assert [heights.at(y) for y in (-5, 0, 9, 10, 29, 30, 59, 60, 999)] == [0, 0, 0, 1, 1, 2, 2, 2, 2]
    heights.insert(1, [5])
    heights.remove(0)
    assert (heights.total(), heights.at(4), heights.at(5)) == (55, 0, 1)


def test_a_card_of_others_stands_after_the_task_and_goes_when_it_is_taken_out(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    assert stage.window.workspace is not None
    pane = stage.window.workspace.conversation
    card = QLabel("Which of the two?")
    card.setMinimumHeight(80)
    pane.add_card(card)
    stage.settle()
    assert card.isVisible()
    assert card.height() == 80
    bottom = card.mapTo(pane, card.rect().bottomLeft()).y()
    assert 0 < bottom <= pane.height()
    stage.play(*replay.fixing(3))
    assert card.y() < stage.window.workspace.fix.y(), "a task that begins comes last"
    pane.show_card(card)
    stage.settle()
    assert 0 <= card.y() < pane.height()
    pane.remove_card(card)
    stage.settle()
    assert not card.isVisible()
    card.deleteLater()
