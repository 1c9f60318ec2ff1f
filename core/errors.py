"""The one exception tree of core; imports only the vocabulary.

::

    GreenbarError                 a user can act on it: code, one sentence, remedy
      RepositoryError             not a repository, bare, refused, drifted
      SandboxError                no sandbox, engine not running, image cannot be made
      TestRunError                no tests found, the framework cannot start
      SetUpError                  an installer failed; its own message in ``details``
      ModelError                  file missing or damaged, server absent, bad answer
        TruncatedPrompt           a server left out a part of a prompt without a word
      PatchError                  a patch or hunk selection cannot be applied
      HistoryError                the record of past tasks cannot be read or written
      UsageError                  a wrong argument or setting
      ConsentRefused              the user said no

Library errors are translated once, at the boundary where the library is called, with ``from``.
"""

from __future__ import annotations

from core.types import Remedy


class GreenbarError(Exception):
    """A trouble with one clear sentence for the user.

    ``code`` is stable (``repository.bare``); ``sentence`` ends with a full stop and names the
    thing at fault; ``remedies`` come best first; ``details`` is folded text, such as a tool's own
    message.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        remedies: tuple[Remedy, ...] = (),
        details: str = "",
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.remedies = remedies
        self.details = details


class RepositoryError(GreenbarError):
    """The folder cannot be opened as a repository, or has changed under us."""


class SandboxError(GreenbarError):
    """No sandbox can be had, or the one in use failed."""


class TestRunError(GreenbarError):
    """The tests could not be run at all."""

    __test__ = False


class SetUpError(GreenbarError):
    """Installing what the tests need has failed."""


class ModelError(GreenbarError):
    """The model cannot be reached, loaded or understood."""


class TruncatedPrompt(ModelError):
    """The server of the model ``spec`` counted ``counted`` tokens where ``sent`` (at least) were sent."""

    def __init__(
        self,
        spec: str,
        sent: int,
        counted: int,
        sentence: str,
        remedies: tuple[Remedy, ...] = (),
        details: str = "",
    ) -> None:
        super().__init__("model.prompt_dropped", sentence, remedies, details)
        self.spec = spec
        self.sent = sent
        self.counted = counted


class PatchError(GreenbarError):
    """A patch or a selection of hunks cannot be applied."""


class UsageError(GreenbarError):
    """An argument or a setting is wrong."""


class ConsentRefused(GreenbarError):
    """The user refused a permission that the work needs."""


class HistoryError(GreenbarError):
    """The record of past tasks cannot be read or written, or has no such task."""
