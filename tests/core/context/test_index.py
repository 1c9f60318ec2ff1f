"""The symbol index over a folder: kept up, asked, interrupted, broken on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.context.facts import find_facts
from core.context.index import MOST_BYTES, SymbolIndex
from core.context.store import KEPT

FILES = {
    "shop/prices.py": (
        "from shop.money import round_up\nimport shop.taxes\n\n\n"
        "def total(items):\n    net = sum(i.price for i in items)\n"
        "    return round_up(net + shop.taxes.due(net))\n"
    ),
    "shop/money.py": (
        'def round_up(amount, digits=2):\n    """Round away from zero."""\n'
        "    return round(amount, digits)\n\n\n"
        "class Purse:\n    def __init__(self, owner):\n        self.owner = owner\n"
    ),
    "shop/taxes.py": "def due(amount):\n    # of what is sold\n    return amount * RATE\n",
    "shop/cart.py": "from shop.prices import total\n\ndef checkout(c):\n    return total(c.items)\n",
    "other/due.py": "def due(library_book):\n    return library_book.day\n",
    "tests/test_prices.py": "from shop.prices import total\n\ndef test_a():\n    assert total([]) == 0\n",
}


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "copy", FILES)
    return tmp_path / "copy"


@pytest.fixture
def index(tmp_path: Path, root: Path) -> Iterator[SymbolIndex]:
    made = SymbolIndex.open(tmp_path / "indexes", "/r/shop", root)
    yield made
    made.close()


def is_test(path: str) -> bool:
    return path.startswith("tests/")


def test_a_function_has_its_callees_callers_and_the_like_of_it(index: SymbolIndex) -> None:
    assert index.refresh(FILES)
    facts = find_facts(index, "shop/prices.py", "total", is_test)
    assert [(c.path, c.text) for c in facts.callees] == [
        ("shop/money.py", "def round_up(amount, digits=2)  # Round away from zero."),
        ("shop/taxes.py", "def due(amount)"),
    ]
    assert [(c.path, c.line, c.text) for c in facts.callers] == [
        ("shop/cart.py", 4, "return total(c.items)")
    ]
    similar = find_facts(index, "shop/taxes.py", "due", is_test).similar
    assert similar
    assert all("RATE" not in one.text for one in similar)


def test_a_class_is_called_as_its_constructor_says(index: SymbolIndex, root: Path) -> None:
    files = FILES | {"shop/new.py": "from shop.money import Purse\n\ndef f():\n    return Purse('me')\n"}
    write(root, files)
    index.refresh(files)
    [callee] = index.callees("shop/new.py", "f")
    assert callee.text == "class Purse: def __init__(self, owner)"


def test_a_method_is_shown_with_what_its_class_begins_with_and_how_it_is_made(
    index: SymbolIndex, root: Path
) -> None:
    files = {
        "a.py": "class Till(Base):\n    '''Takes money.'''\n    size: int = 3\n\n    @property\n"
        "    def full(self):\n        return len(self.coins) == self.size\n\n"
        "    def __init__(self, coins):\n        self.coins = coins\n\n\ndef alone():\n    pass\n",
        "till.go": "package m\n\ntype Till struct {\n\tcoins int\n}\n\nfunc (t *Till) Ring() {}\n",
    }
    write(root, files)
    index.refresh(files)
    found = find_facts(index, "a.py", "Till.full", is_test).owner
    assert found is not None
    assert found.text == (
        "class Till(Base):\n    '''Takes money.'''\n    size: int = 3\n\n"
        "    def __init__(self, coins):\n        self.coins = coins"
    )
    assert index.class_of("a.py", "Till.__init__") is None
    assert index.class_of("a.py", "alone") is None
    go = find_facts(index, "till.go", "Ring", is_test).owner
    assert go is not None
    assert "coins int" in go.text


def test_a_name_that_might_be_any_of_several_is_left_out(index: SymbolIndex, root: Path) -> None:
    files = {
        "a/one.py": "def send(x): pass\n",
        "b/two.py": "def send(y): pass\n",
        "c/user.py": "def f(q):\n    return q.send(1)\n",
    }
    write(root, files)
    index.refresh(files)
    assert index.callees("c/user.py", "f") == ()


def test_a_name_that_one_file_defines_twice_is_clear(index: SymbolIndex, root: Path) -> None:
    files = {
        "lib/system.py": "try:\n    import fcntl\n    def lock(f): pass\nexcept ImportError:\n"
        "    def lock(f): return None\n",
        "lib/user.py": "from lib.system import lock\n\ndef f(q):\n    return lock(q)\n",
    }
    write(root, files)
    index.refresh(files)
    assert [callee.line for callee in index.callees("lib/user.py", "f")] == [3]


def test_a_method_that_is_known_by_its_last_name_only_is_found(index: SymbolIndex, root: Path) -> None:
    files = {
        "till.go": "package m\n\ntype Till struct{}\n\nfunc (t *Till) Ring() int { return half(4) }\n",
        "half.go": "package m\n\n// half of it\nfunc half(n int) int { return n / 2 }\n",
    }
    write(root, files)
    index.refresh(files)
    facts = find_facts(index, "till.go", "Ring", is_test)
    assert [callee.text for callee in facts.callees] == ["func half(n int) int  # half of it"]


def test_only_what_changed_is_read_again(index: SymbolIndex, root: Path) -> None:
    index.refresh(FILES)
    money = root / "shop/money.py"
    was = money.stat()
    # The same size and time: nobody looks, which shows that nothing is read without need.
    money.write_text(FILES["shop/money.py"].replace("round_up", "round_no"))
    os.utime(money, ns=(was.st_atime_ns, was.st_mtime_ns))
    index.refresh(FILES)
    assert index.definition("shop/prices.py", "round_up") is not None
    os.utime(money)
    index.refresh(FILES)
    assert index.definition("shop/prices.py", "round_up") is None
    files = {path: text for path, text in FILES.items() if path != "shop/taxes.py"}
    index.refresh(files)
    assert [c.name for c in index.callees("shop/prices.py", "total")] == []
    assert index.similar("amount * RATE", 5) == () or all(
        one.path != "shop/taxes.py" for one in index.similar("amount * RATE", 5)
    )


def test_an_index_that_is_stopped_has_what_is_near_and_goes_on_later(tmp_path: Path, root: Path) -> None:
    left = iter([False, False, True])
    index = SymbolIndex.open(tmp_path / "indexes", "/r/shop", root)
    assert not index.refresh(FILES, {"tests/test_prices.py", "shop/cart.py"}, lambda: next(left))
    index.close()
    again = SymbolIndex.open(tmp_path / "indexes", "/r/shop", root)
    assert again.function("shop/cart.py", "checkout")
    assert not again.function("shop/money.py", "round_up")
    assert again.refresh(FILES)
    assert again.function("shop/money.py", "round_up")
    again.close()


@pytest.mark.parametrize("rubbish", [b"", b"not a database " * 400])
def test_an_index_that_cannot_be_read_is_made_anew(tmp_path: Path, root: Path, rubbish: bytes) -> None:
    folder = tmp_path / "indexes"
    SymbolIndex.open(folder, "/r/shop", root).close()
    [path] = folder.glob("*.sqlite")
    path.write_bytes(rubbish)
    index = SymbolIndex.open(folder, "/r/shop", root)
    assert index.refresh(FILES)
    assert index.function("shop/cart.py", "checkout")
    index.close()


def test_odd_files_do_no_harm(index: SymbolIndex, root: Path) -> None:
    (root / "big.py").write_text("def big(): pass\n" + "x = 1\n" * (MOST_BYTES // 6))
    (root / "binary.py").write_bytes(b"def hidden(): pass\n\0\1\2")
    (root / "latin.py").write_bytes("def grüße(): pass\ndef plain(): pass\n".encode("latin-1"))
    (root / "broken.py").write_text("def broken(:\n    x = 1\n\ndef fine(): pass\n")
    (root / "loop.py").symlink_to("loop.py")
    (root / "folder.py").mkdir()
    (root / "out.py").symlink_to("/etc/passwd")
    (root / os.fsdecode(b"caf\xe9.py")).write_text("def menu(): pass\n")
    names = ["big", "binary", "latin", "broken", "loop", "folder", "out", "gone"]
    names.append(os.fsdecode(b"caf\xe9"))
    assert index.refresh([*FILES, *(f"{name}.py" for name in names)])
    assert index.function("latin.py", "plain")
    assert index.function("broken.py", "fine")
    assert not index.function("binary.py", "hidden")
    assert not index.function("big.py", "big")


def test_only_the_indexes_used_last_are_kept(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "indexes"
    for number in range(KEPT + 3):
        SymbolIndex.open(folder, f"/r/{number}", root).close()
    assert len(list(folder.glob("*.sqlite"))) == KEPT
