"""Every action of the window, as data. Imports no Qt.

Menus, buttons, the palette (Ctrl+K) and the cheat sheet (F1) are all made from :data:`ACTIONS`.
An action either carries the command that it sends to core, or the window has a method for its id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.commands import (
    Command,
    DownloadModel,
    FindSuspects,
    OpenSample,
    Redo,
    RunDoctor,
    RunSelfTest,
    RunTests,
    SelectModel,
    SelectSandbox,
    SetUpEnvironment,
    Stop,
    StopAnswer,
    Undo,
)
from ui.session import Busy, Session


class Group(Enum):
    """Where an action stands in the menu and in the cheat sheet, in this order."""

    REPOSITORY = "Repository"
    TESTS = "Tests"
    FIX = "Fix"
    TALK = "Conversation"
    REVIEW = "Review"
    MODEL = "Model and sandbox"
    VIEW = "View"
    HELP = "Help"


@dataclass(frozen=True, slots=True)
class Action:
    """``in_review`` actions have single-letter keys that count only while the diff has the focus."""

    id: str
    title: str
    group: Group
    shortcut: str = ""
    command: Command | None = None
    enabled: Callable[[Session], bool] = lambda _: True
    busy: Busy = Busy.NOTHING
    """What runs once the command is sent."""
    in_review: bool = False


def _open(session: Session) -> bool:
    return session.repository is not None


def _idle(session: Session) -> bool:
    return _open(session) and not session.is_busy()


def _fixable(session: Session) -> bool:
    return _idle(session) and bool(session.failing())


def _runnable(session: Session) -> bool:
    return _idle(session) and bool(session.order)


def _reviewing(session: Session) -> bool:
    return session.review is not None


def _acceptable(session: Session) -> bool:
    return _reviewing(session) and session.may_accept()


def _fixed(session: Session) -> bool:
    return _idle(session) and session.result is not None and bool(session.targets)


def _committable(session: Session) -> bool:
    return _idle(session) and session.undoable > 0


def _refinable(session: Session) -> bool:
    review = session.review
    return review is not None and _acceptable(session) and session.remarks.can_refine(review)


def _busy(session: Session) -> bool:
    return session.is_busy()


def _said(session: Session) -> bool:
    return _open(session) and bool(session.talk.messages)


def _answering(session: Session) -> bool:
    return session.talk.is_answering


def _surroundings(name: str, title: str, command: Command) -> Action:
    return Action(name, title, Group.MODEL, command=command, busy=Busy.PREPARING)


ACTIONS: Final[tuple[Action, ...]] = (
    Action("open", "Open repository…", Group.REPOSITORY, "Ctrl+O"),
    Action(
        "open_sample", "Try the sample repository", Group.REPOSITORY, "", OpenSample(), busy=Busy.OPENING
    ),
    Action("welcome", "Recent repositories", Group.REPOSITORY, "Ctrl+Shift+O"),
    Action("back", "Back to the open repository", Group.REPOSITORY, enabled=_open),
    Action(
        "undo",
        "Undo the last accept",
        Group.REPOSITORY,
        "Ctrl+Z",
        Undo(),
        lambda s: _idle(s) and s.undoable > 0,
        Busy.WRITING,
    ),
    Action(
        "redo",
        "Redo the undone accept",
        Group.REPOSITORY,
        "Ctrl+Shift+Z",
        Redo(),
        lambda s: _idle(s) and s.redoable > 0,
        Busy.WRITING,
    ),
    Action("history", "History…", Group.REPOSITORY, "Ctrl+H"),
    Action("new_window", "New window", Group.REPOSITORY, "Ctrl+Shift+N"),
    Action("quit", "Close the window", Group.REPOSITORY, "Ctrl+Q"),
    Action("run_tests", "Run tests", Group.TESTS, "Ctrl+R", RunTests(), _idle, Busy.TESTING),
    Action("run_failing", "Run the failing tests", Group.TESTS, "Ctrl+Shift+R", enabled=_fixable),
    Action("run_selected", "Run the selected tests", Group.TESTS, "Ctrl+Alt+R", enabled=_runnable),
    Action("run_again", "Run the last tests again", Group.TESTS, "Ctrl+Shift+L", enabled=_runnable),
    Action("watch", "Run the tests again when a file changes", Group.TESTS, enabled=_open),
    Action(
        "open_in_editor",
        "Open the test in your editor",
        Group.TESTS,
        "Ctrl+E",
        enabled=lambda s: bool(s.order),
    ),
    Action("go_to_test", "Go to test…", Group.TESTS, "Ctrl+P", enabled=lambda s: bool(s.order)),
    Action("filter_tests", "Filter tests", Group.TESTS, "Ctrl+F", enabled=_open),
    Action(
        "set_up", "Set up what the tests need", Group.TESTS, "", SetUpEnvironment(), _idle, Busy.PREPARING
    ),
    Action("show_set_up", "Set-up…", Group.TESTS, enabled=_idle),
    Action("fix", "Fix", Group.FIX, "Ctrl+Return", enabled=_fixable),
    Action(
        "fix_selected", "Fix only the selected test", Group.FIX, "Ctrl+Shift+Return", enabled=_fixable
    ),
    Action("fix_longer", "Fix with five minutes", Group.FIX, "", enabled=_fixable),
    Action("strategy", "Choose a strategy…", Group.FIX, enabled=lambda s: bool(s.strategies)),
    Action("find_suspects", "Find suspects", Group.FIX, "", FindSuspects(), _fixable, Busy.PREPARING),
    Action(
        "go_on",
        "Go on with what was cut off",
        Group.FIX,
        enabled=lambda s: _idle(s) and s.history.cut_off is not None,
    ),
    Action("stop", "Stop", Group.FIX, "Esc", Stop(), _busy),
    Action(
        "review_best", "Review the best candidate", Group.FIX, "", enabled=lambda s: s.best is not None
    ),
    Action("write", "Write a message", Group.TALK, "Ctrl+L", enabled=_open),
    Action("edit_last", "Edit the last message and send it again", Group.TALK, enabled=_said),
    Action("stop_answer", "Stop the answer", Group.TALK, "", StopAnswer(), _answering),
    Action("find_words", "Find in the conversation", Group.TALK, "Ctrl+Shift+F", enabled=_open),
    Action("export_conversation", "Export the conversation…", Group.TALK, enabled=_said),
    Action("next_hunk", "Next hunk", Group.REVIEW, "N", enabled=_reviewing, in_review=True),
    Action("previous_hunk", "Previous hunk", Group.REVIEW, "P", enabled=_reviewing, in_review=True),
    Action("accept_hunk", "Take this hunk", Group.REVIEW, "A", enabled=_acceptable, in_review=True),
    Action("reject_hunk", "Refuse this hunk", Group.REVIEW, "R", enabled=_acceptable, in_review=True),
    Action("remark", "Remark on this hunk…", Group.REVIEW, "C", enabled=_acceptable, in_review=True),
    Action("remark_all", "Remark on the whole patch…", Group.REVIEW, enabled=_acceptable),
    Action("refine", "New round from the remarks", Group.REVIEW, "Ctrl+Alt+Return", enabled=_refinable),
    Action("undo_choice", "Undo the last choice", Group.REVIEW, "U", enabled=_acceptable, in_review=True),
    Action(
        "mention_hunk", "Write about this hunk", Group.REVIEW, "M", enabled=_reviewing, in_review=True
    ),
    Action("accept_all", "Accept all", Group.REVIEW, "Ctrl+Shift+A", enabled=_acceptable),
    Action("accept_selected", "Accept selected hunks", Group.REVIEW, "Ctrl+Alt+A", enabled=_acceptable),
    Action("accept_anyway", "Write what was refused", Group.REVIEW, enabled=_acceptable),
    Action(
        "verify_selection", "Verify this selection", Group.REVIEW, "Ctrl+Shift+V", enabled=_acceptable
    ),
    Action("toggle_split", "Side by side or unified", Group.REVIEW, "Ctrl+D", enabled=_reviewing),
    Action("copy_patch", "Copy as patch", Group.REVIEW, "Ctrl+Shift+C", enabled=_reviewing),
    Action("prove", "Prove what is chosen", Group.REVIEW, "Ctrl+Alt+P", enabled=_acceptable),
    Action("save_evidence", "Save evidence…", Group.REVIEW, "Ctrl+Alt+E", enabled=_fixed),
    Action("copy_pull_request", "Copy as pull request text", Group.REVIEW, enabled=_fixed),
    Action("commit", "Commit on a new branch…", Group.REVIEW, "Ctrl+Shift+K", enabled=_committable),
    Action("models", "Models and keys…", Group.MODEL, "Ctrl+Shift+M"),
    _surroundings("model_auto", "Use the best model at hand", SelectModel("auto", keep=True)),
    _surroundings("model_embedded", "Use the embedded model", SelectModel("embedded")),
    _surroundings("without_model", "Work without a model", SelectModel("none")),
    Action("download_model", "Download the embedded model", Group.MODEL, "", DownloadModel(use=True)),
    _surroundings("sandbox_auto", "Use the best sandbox at hand", SelectSandbox("auto")),
    _surroundings("use_docker", "Use Docker", SelectSandbox("docker")),
    _surroundings("use_podman", "Use Podman", SelectSandbox("podman")),
    _surroundings("use_bubblewrap", "Use bubblewrap", SelectSandbox("bubblewrap")),
    Action("doctor", "Show the doctor", Group.MODEL, "Ctrl+Shift+D"),
    Action("back_from_doctor", "Leave the doctor", Group.MODEL),
    Action("run_doctor", "Check sandbox and model again", Group.MODEL, "", RunDoctor()),
    Action(
        "run_self_test",
        "Test the sandbox",
        Group.MODEL,
        command=RunSelfTest(),
        enabled=lambda s: not s.self_testing,
    ),
    Action("settings", "Settings…", Group.VIEW, "Ctrl+,"),
    Action("palette", "Find an action…", Group.VIEW, "Ctrl+K"),
    Action(
        "question",
        "Go to the open question",
        Group.FIX,
        "Ctrl+Shift+Q",
        enabled=lambda s: s.questions.current is not None,
    ),
    Action("tab_conversation", "Show Conversation", Group.VIEW, "Ctrl+1", enabled=_open),
    Action("tab_review", "Show Review", Group.VIEW, "Ctrl+2", enabled=_open),
    Action("tab_candidates", "Show Candidates", Group.VIEW, "Ctrl+3", enabled=_open),
    Action("tab_matrix", "Show Matrix", Group.VIEW, "Ctrl+4", enabled=_open),
    Action("tab_prompts", "Show Prompts", Group.VIEW, "Ctrl+5", enabled=_open),
    Action(
        "toggle_tree",
        "Candidates as a list or a tree",
        Group.VIEW,
        enabled=lambda s: bool(s.candidates),
    ),
    Action("tab_inspector", "Show the inspector", Group.VIEW, "Ctrl+6", enabled=_open),
    Action("toggle_tests", "Show or hide the tests", Group.VIEW, "Ctrl+B", enabled=_open),
    Action("toggle_log", "Show or hide the drawer", Group.VIEW, "Ctrl+J", enabled=_open),
    Action("show_log", "Show the log", Group.VIEW, enabled=_open),
    Action("show_sandbox", "Show the sandbox", Group.VIEW, enabled=_open),
    Action("theme_system", "Theme: as the system", Group.VIEW),
    Action("theme_light", "Theme: light", Group.VIEW),
    Action("theme_dark", "Theme: dark", Group.VIEW),
    Action("theme_contrast", "Theme: high contrast", Group.VIEW),
    Action("text_larger", "Larger text", Group.VIEW, "Ctrl++"),
    Action("text_smaller", "Smaller text", Group.VIEW, "Ctrl+-"),
    Action("text_usual", "Usual text size", Group.VIEW, "Ctrl+0"),
    Action("keys", "Keys", Group.HELP, "F1"),
)

BY_ID: Final = {action.id: action for action in ACTIONS}
