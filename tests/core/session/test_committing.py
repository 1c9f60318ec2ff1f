"""Fix, accept, evidence, commit, undo: one session over a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.errors import RepositoryError, UsageError
from core.events import Accepted, CommitDrafted, Committed, EvidenceSaved, PullRequestDrafted
from core.session.evidence import find_pack, pack_of_accept
from core.types import Budget
from tests.core.session.conftest import BUGGY

KEY = "sk-proj-0123456789abcdefghijklmn"


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def test_from_a_fix_to_its_evidence_and_its_commit_and_back(with_session, repository, tmp_path):
    keyed = BUGGY["calc.py"].replace("    return a - b", f"    # {KEY}\n    return a - b")
    root = repository({**BUGGY, "calc.py": keyed})
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    (root / "notes.txt").write_text("mine\n")
    page = tmp_path / "out" / "evidence.html"

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        with pytest.raises(RepositoryError, match="nothing to commit"):
            await session.committing.draft()
        with pytest.raises(UsageError, match="no evidence"):
            await session.evidence.save(str(page))
        await session.run_tests()
        result = await session.fix((), Budget(60.0))
        await session.review.accept(result.best.id)
        await session.run_tests("accepted")
        await session.evidence.save(str(page))
        await session.evidence.draft()
        draft = await session.committing.draft()
        await session.committing.commit(draft.branch, draft.message)
        assert session.info.branch == draft.branch
        sessions = session.journal_path.parent.parent
        assert find_pack(sessions, "last").title
        assert find_pack(sessions, session.journal_path.parent.name).accepted is not None
        assert pack_of_accept(sessions, root, 1).candidate == result.best.id
        with pytest.raises(UsageError, match="no session"):
            find_pack(sessions, "../sessions")
        await session.review.undo()
        with pytest.raises(RepositoryError, match="nothing to commit"):
            await session.committing.draft()
        return opened, result

    opened, result = with_session(work)
    [accepted] = opened.bodies(Accepted)
    assert accepted.candidate == result.best.id
    [drafted] = opened.bodies(CommitDrafted)
    assert drafted.draft.branch == "greenbar/fix-test-add"
    assert drafted.draft.entangled == ()
    [committed] = opened.bodies(Committed)
    assert committed.paths == ("calc.py",)
    assert git(root, "log", "-1", "--format=%s").strip() == "Fix test_add"
    assert git(root, "status", "--porcelain") == " M calc.py\n?? notes.txt\n", "undo is in the files only"
    assert "a - b" in (root / "calc.py").read_text()
    assert "a + b" in git(root, "show", "HEAD:calc.py")
    assert opened.bodies(EvidenceSaved)[0].path == str(page)
    assert "<h2>Proof</h2>" in page.read_text()
    text = opened.bodies(PullRequestDrafted)[0].text
    assert "## Proof" in text
    assert "+    return a + b" in text
    assert KEY not in text + page.read_text(), "what is pasted elsewhere holds no key"
    assert KEY in git(root, "show", "HEAD:calc.py"), "but a patch stays what it is"
