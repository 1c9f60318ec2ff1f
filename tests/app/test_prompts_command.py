"""The exact prompts on the command line: while a fix runs, and afterwards."""

from __future__ import annotations

import json

import pytest

BUGGY = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}


def test_without_a_fix_there_is_nothing_to_show(greenbar):
    ran = greenbar("prompts")
    assert ran.status == 2
    assert "No model has been asked yet." in ran.err
    ran = greenbar("prompts", "../../etc")
    assert ran.status == 2
    assert "There is no session" in ran.err


@pytest.mark.bubblewrap
def test_prompts_are_shown_as_they_are_sent_and_again_afterwards(greenbar, commit, tmp_path):
    script = tmp_path / "script.jsonl"
    script.write_text(
        json.dumps({"answer": f"```python\n{BUGGY['calc.py'].replace('-', '+')}```\n"}) + "\n"
    )
    ran = greenbar(
        "fix", commit(BUGGY), "--sandbox", "bubblewrap", "--setup", "none",
        "--model", f"scripted:{script}", "--proposers", "direct", "--show-prompts",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    assert "prompt 1, direct" in ran.err
    again = greenbar("prompts", "--json")
    assert again.status == 0, again.err
    record = json.loads(again.out.splitlines()[0])
    assert (record["request"], record["proposer"]) == (1, "direct")
    assert "File calc.py:\n```python\n" + BUGGY["calc.py"] in record["prompt"]
    assert "return a + b" in record["answer"]
    assert record["prompt"] in ran.err
    assert record["prompt"] in greenbar("prompts").out
