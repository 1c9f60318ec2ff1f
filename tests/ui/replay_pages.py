"""What core says to the pages beside the workspace: models, the probe, the set-up, the doctor."""

from __future__ import annotations

from collections.abc import Iterator

from core import events as ev
from core.types import (
    EditFormat,
    FormatScore,
    Grade,
    KeyRow,
    KeySource,
    MemoryFit,
    ModelKind,
    ModelRow,
    ModelState,
    ProbeResult,
    ReadinessRow,
    ReadinessState,
    Remedy,
    SandboxKind,
    SelfTestCheck,
    SelfTestReport,
    SetUpChoice,
    SetUpInfo,
)
from tests.ui.replay import SANDBOX


def models(fetching: bool = True) -> Iterator[ev.Body]:
    """Models in every state, a download under way, keys from everywhere."""
    gigabyte = 1_000_000_000
    catalogue = (
        (
            "embedded",
            "1.5B",
            ModelState.VERIFIED,
            1.12,
            2.08,
            MemoryFit.FITS,
            0,
            "A laptop: small fixes.",
        ),
        ("0.5b", "0.5B", ModelState.ABSENT, 0.49, 1.01, MemoryFit.FITS, 0, "Little memory; the weakest."),
        (
            "3b",
            "3B",
            ModelState.PARTIAL,
            2.1,
            3.63,
            MemoryFit.FITS,
            0.8,
            "A laptop with memory to spare.",
        ),
        (
            "7b",
            "7B",
            ModelState.ABSENT,
            4.68,
            7.66,
            MemoryFit.TIGHT,
            0,
            "A machine with 16 GB of memory.",
        ),
        ("14b", "14B", ModelState.DAMAGED, 8.99, 15.26, MemoryFit.TOO_LARGE, 0, "A machine with 32 GB."),
    )
    rows = [
        ModelRow(
            spec if spec == "embedded" else f"embedded:qwen2.5-coder-{spec}",
            f"Qwen2.5-Coder {name}",
            ModelKind.CATALOGUE,
            state,
            round(size * gigabyte),
            round(done * gigabyte),
            32768,
            "Apache-2.0",
            words,
            round(memory * gigabyte),
            fit,
            sentence="qwen2.5-coder-14b.gguf is not what its makers published."
            if state is ModelState.DAMAGED
            else "",
        )
        for spec, name, state, size, memory, fit, done, words in catalogue
    ]
    rows += [
        ModelRow(
            "embedded:/home/ada/models/devstral.gguf",
            "Devstral Small",
            ModelKind.FILE,
            ModelState.UNVERIFIED,
            14 * gigabyte,
            context=131_072,
            good_for="Your own file (llama Q4_K_M).",
            memory=22 * gigabyte,
            fit=MemoryFit.TOO_LARGE,
        ),
        ModelRow(
            "embedded:/home/ada/old/gone.gguf",
            "gone",
            ModelKind.FILE,
            ModelState.MISSING,
            sentence="The model file /home/ada/old/gone.gguf is not there.",
        ),
        ModelRow(
            "ollama:qwen3-coder:30b",
            "qwen3-coder:30b",
            ModelKind.OLLAMA,
            ModelState.SERVED,
            18 * gigabyte,
            where="http://127.0.0.1:11434",
        ),
        ModelRow(
            "endpoint:lab",
            "lab",
            ModelKind.ENDPOINT,
            ModelState.UNREACHABLE,
            where="http://lab:8000/v1",
            sentence="The server at http://lab:8000/v1 cannot be reached.",
        ),
    ]
    yield ev.ModelsChanged(tuple(rows))
    yield ev.KeysChanged(
        (
            KeyRow("openai", "OpenAI", KeySource.ENVIRONMENT, "OPENAI_API_KEY"),
            KeyRow("anthropic", "Anthropic", KeySource.KEYRING, "ANTHROPIC_API_KEY"),
            KeyRow("openrouter", "OpenRouter", KeySource.NONE, "OPENROUTER_API_KEY"),
            KeyRow("hf", "Hugging Face", KeySource.THIS_RUN, "HF_TOKEN"),
        )
    )
    if fetching:
        words = "Downloading from Hugging Face: 1,212 of 2,105 MB, 24.1 MB/s, 37 s left"
        yield ev.Progress("model:embedded:qwen2.5-coder-3b", words, 0.576)


def probed() -> ev.ModelProbed:
    """What we have measured of the embedded model on a crowded machine; see docs/models.md."""
    scores = (
        FormatScore(EditFormat.FUNCTION, 2, 2, 0),
        FormatScore(EditFormat.SEARCH, 2, 2, 1),
        FormatScore(EditFormat.INFILL, 2, 2, 1),
    )
    return ev.ModelProbed(
        ProbeResult(
            "embedded",
            "Qwen2.5-Coder 1.5B",
            Grade.USABLE,
            scores,
            EditFormat.FUNCTION,
            850,
            context_claimed=8192,
            context_held=1802,
            context_tried=1802,
            ended=6,
            answers=6,
            prompt_speed=14.9,
            completion_speed=4.1,
            first_seconds=9.1,
            busy=True,
        )
    )


def set_up(choice: SetUpChoice = SetUpChoice.FOUND) -> ev.SetUpFound:
    """What would be installed, by each word."""
    match choice:
        case SetUpChoice.NOTHING:
            info = SetUpInfo(choice, "")
        case SetUpChoice.COMMANDS:
            commands = ("make environment", "pip install -e .[test]")
            info = SetUpInfo(choice, "2 commands", commands=commands)
        case _:
            info = SetUpInfo(
                choice,
                "requirements-test.txt, the project itself, make generated",
                packages=("requirements-test.txt",),
                commands=("make generated",),
                python=">=3.10",
                allowed=True,
                installed="Installed requirements-test.txt, the project itself, make generated in 9 s.",
            )
    return ev.SetUpFound(info)


def doctor(troubled: bool = False) -> tuple[ev.Body, ...]:
    """The doctor's table and the self-test, where all is well or where much is not."""
    ok, attention, missing = ReadinessState.OK, ReadinessState.ATTENTION, ReadinessState.MISSING
    start = Remedy("Start Docker", "start_docker", "sudo systemctl start docker")
    install = Remedy("Install Podman", shell="sudo apt install podman")
    userns = Remedy(
        "Allow user namespaces",
        shell="sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    )
    rows = (
        ReadinessRow("git", ok, "git 2.39.5 is installed."),
        ReadinessRow("Docker", attention, "Docker is installed but not running.", start)
        if troubled
        else ReadinessRow("Docker", ok, "Docker 28.2.2 is running (8 cores, 16 GB)."),
        ReadinessRow("Podman", missing, "Podman is not installed.", install),
        ReadinessRow(
            "Bubblewrap", attention, "The kernel does not let bubblewrap make a sandbox.", userns
        )
        if troubled
        else ReadinessRow("Bubblewrap", ok, "Bubblewrap works."),
        ReadinessRow("Python tools", ok, "uv 0.9.1, Python 3.11.7 and pytest 8.4.2 are ready."),
        ReadinessRow("Model", ReadinessState.LOOKING, "Looking…")
        if troubled
        else ReadinessRow("Model", ok, "Qwen2.5-Coder 1.5B is ready (embedded)."),
        ReadinessRow("Keyring", missing, "No keyring here; keys come from environment variables."),
    )
    checks = (
        SelfTestCheck("tests run", True),
        SelfTestCheck("no network", not troubled, "the internet can be reached" if troubled else ""),
        SelfTestCheck("no files but the copy", True),
    )
    report = SelfTestReport(SandboxKind.DOCKER, SANDBOX, checks, 2.4)
    return (ev.ReadinessChanged(rows), ev.SelfTested(report))
