"""How far a download is: bytes, speed, time left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

_WINDOW_SECONDS: Final = 8.0
_MEGABYTE: Final = 1_000_000
_REPORT_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """``doing`` is a verb with its source, e.g. ``Downloading from Hugging Face``.

    ``bytes_per_second`` and ``seconds_left`` are 0 where they cannot be known yet.
    """

    doing: str
    done_bytes: int
    total_bytes: int
    bytes_per_second: float = 0.0
    seconds_left: float = 0.0

    @property
    def fraction(self) -> float:
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0

    @property
    def sentence(self) -> str:
        """``Downloading from Hugging Face: 512 of 1,117 MB, 24.1 MB/s, 25 s left``."""
        done, total = self.done_bytes / _MEGABYTE, self.total_bytes / _MEGABYTE
        text = f"{self.doing}: {done:,.0f} of {total:,.0f} MB"
        if self.bytes_per_second:
            text += f", {self.bytes_per_second / _MEGABYTE:.1f} MB/s, {_duration(self.seconds_left)} left"
        return text


OnProgress: TypeAlias = Callable[[DownloadProgress], None]
"""Called on the loop's thread, a few times a second at most."""


class SpeedMeter:
    """Turns byte counts into progress, by the speed over the last seconds. ``clock`` is in seconds."""

    def __init__(self, doing: str, total: int, clock: Callable[[], float]) -> None:
        self._doing = doing
        self._total = total
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def at(self, done: int) -> DownloadProgress:
        now = self._clock()
        self._samples.append((now, done))
        while now - self._samples[0][0] > _WINDOW_SECONDS and len(self._samples) > 2:
            self._samples.popleft()
        since, before = self._samples[0]
        speed = (done - before) / (now - since) if now > since else 0.0
        left = (self._total - done) / speed if speed > 0 else 0.0
        return DownloadProgress(self._doing, done, self._total, max(0.0, speed), left)


def reporter(doing: str, total: int, on_progress: OnProgress) -> Callable[[int], None]:
    """Takes byte counts; passes on a few reports a second, and always the last."""
    meter = SpeedMeter(doing, total, time.monotonic)
    last = -_REPORT_SECONDS

    def report(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_SECONDS or done >= total:
            last = now
            on_progress(meter.at(done))

    return report


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
