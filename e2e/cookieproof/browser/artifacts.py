"""Records trace, screenshot and video of each life of a visitor, by pytest-playwright's options.

pytest-playwright records only the contexts that its own ``new_context`` makes, and a visitor's context is none of
those.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

# The suffix of each kind's files.
KINDS = {"trace": ".zip", "screenshot": ".png", "video": ".webm"}


@dataclass
class ArtifactsRecorder:
    """Records lives into ``folder``; ``keep`` moves or deletes the files. Options are pytest-playwright's values.

    Files are named after the life: ``visitor-1-life-2-after-close.zip`` is the trace of the life after the first
    visitor's first restart. ``tell`` is called with a sentence for each thing that cannot be recorded.
    """

    folder: Path
    tracing: str = "off"
    screenshot: str = "off"
    video: str = "off"
    full_page: bool = False
    no_video: str = ""
    tell: Callable[[str], object] = print
    # Where Playwright writes each video, known only while the browser lives, and the video's name in the end.
    _videos: list[tuple[Path, str]] = field(default_factory=list)

    def launch_options(self) -> dict[str, Any]:
        """Return the options of ``launch_persistent_context`` that record a video; none, if no video is asked for."""
        if self.video == "off":
            return {}
        if self.no_video:
            self.tell(f"no video: {self.no_video}")
            return {}
        return {"record_video_dir": self.folder / "videos"}

    def begin(self, context: BrowserContext) -> None:
        """Start the trace of a life, if one is asked for."""
        if self.tracing != "off":
            # Screenshots and snapshots cost a fifth of a check: a trace that may be deleted goes without.
            whole = self.tracing == "on"
            context.tracing.start(screenshots=whole, snapshots=whole, sources=True)

    def end(self, context: BrowserContext, pages: Sequence[Page], life: str) -> None:
        """Write trace and screenshot of a life that is about to end, named after ``life``; note its videos."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._failure_told("trace", life):
            if self.tracing != "off":
                context.tracing.stop(path=self.folder / f"{life}.zip")
        with self._failure_told("screenshot", life):
            if self.screenshot != "off" and pages:
                # To hide the caret costs a third more.
                pages[0].screenshot(
                    path=self.folder / f"{life}.png", full_page=self.full_page, timeout=5000, caret="initial"
                )
        for number, page in enumerate(pages, start=1):
            if page.video and not self.no_video:
                name = life if number == 1 else f"{life}-page-{number}"
                self._videos.append((Path(page.video.path()), f"{name}.webm"))

    @contextmanager
    def _failure_told(self, kind: str, life: str) -> Iterator[None]:
        """For this block, tell an error of Playwright's, and go on: the browser may have ended by itself."""
        from playwright.sync_api import Error

        try:
            yield
        except Error as error:
            self.tell(f"no {kind} of {life}: {error.message.strip().partition(chr(10))[0]}")

    def keep_evidence(self, pages: Sequence[Page], life: str) -> None:
        """Take a screenshot of the first page for a check that failed, whatever the options say."""
        from playwright.sync_api import Error

        self.folder.mkdir(parents=True, exist_ok=True)
        with suppress(CookieproofError, Error):  # closed or crashed: nothing to see
            if pages:
                pages[0].screenshot(path=self.folder / f"{life}.png", timeout=5000)

    def keep(self, output: Path, *, failed: bool) -> list[tuple[str, Path]]:
        """Move the files that the options ask for to ``output``, delete the rest; return each kept kind and path."""
        for made, name in self._videos:
            if made.exists():
                made.rename(self.folder / name)
                if not (self.folder / name).stat().st_size:
                    (self.folder / name).unlink()
                    self.tell(f"no video: {name} came out empty")
            else:
                self.tell(f"no video: {name} was never written")
        options = {"trace": self.tracing, "screenshot": self.screenshot, "video": self.video}
        kept = []
        for kind, suffix in KINDS.items():
            if options[kind] == "on" or failed:
                for file in sorted(self.folder.glob(f"*{suffix}")):
                    output.mkdir(parents=True, exist_ok=True)
                    shutil.move(file, output / file.name)
                    kept.append((kind, output / file.name))
        shutil.rmtree(self.folder, ignore_errors=True)
        return kept
