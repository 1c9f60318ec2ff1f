"""``greenbar ask``: an answer on standard output, a sentence where nobody can answer."""

from __future__ import annotations

import json

FILES = {"slug.py": "def slugify(text):\n    return text.lower()\n"}


def test_an_answer_is_printed_as_it_is_and_as_json(greenbar, commit, tmp_path):
    script = tmp_path / "script.jsonl"
    answer = "It is in `slug.py`:\n\n\x1b[2J**lower case**\n"
    script.write_text(json.dumps({"contains": "def slugify", "answer": answer}) + "\n")
    log = tmp_path / "run.log"
    log.write_text('File "/x/slug.py", line 2, in slugify\n')
    root, model = commit(FILES), f"scripted:{script}"
    ran = greenbar("ask", "what is this?", root, "--attach", log, "--model", model)
    assert ran.status == 0, ran.err
    assert ran.out == answer.replace("\x1b", ""), "a terminal obeys nothing of it"
    assert "Shown to scripted: slug.py" in ran.err
    ran = greenbar("ask", "what does @slug.py do?", root, "--model", model, "--json")
    assert ran.json["answer"] == answer
    assert ran.json["names"] == ["slug.py"]
    assert ran.json["state"] == "whole"


def test_without_a_model_there_is_a_sentence_and_a_remedy(greenbar, commit):
    ran = greenbar("ask", "what is this?", commit(FILES), "--model", "none")
    assert ran.status == 2
    assert "No model takes part, so nobody can answer." in ran.err
    assert "greenbar models pull" in ran.err
    assert ran.out == ""
