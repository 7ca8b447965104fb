"""What each life of a visitor leaves to look at, by pytest-playwright's options.

pytest-playwright records only the contexts that its own ``new_context`` makes, and a
visitor's is none of those.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


@dataclass(frozen=True)
class Recorder:
    """Records into ``folder``, until ``keep`` decides. The options are on, off, or for failures alone.

    Files are named after the life: ``visitor-1-life-2-after-close.zip`` is the trace of
    what followed the first visitor's first restart.
    """

    folder: Path
    tracing: str = "off"
    screenshot: str = "off"
    video: str = "off"
    full_page: bool = False

    def launch_options(self, life: str) -> dict[str, Any]:
        """What the browser must know when it starts."""
        return {} if self.video == "off" else {"record_video_dir": self.folder / f"{life}-video"}

    def begin(self, context: BrowserContext) -> None:
        if self.tracing != "off":
            context.tracing.start(screenshots=True, snapshots=True, sources=True)

    def end(self, context: BrowserContext, page: Page | None, life: str) -> None:
        """Write down what there is, while the browser still lives."""
        from playwright.sync_api import Error

        self.folder.mkdir(parents=True, exist_ok=True)
        with suppress(Error):  # the browser may have ended by itself: the rest of the test goes on
            if self.tracing != "off":
                context.tracing.stop(path=self.folder / f"{life}.zip")
        with suppress(Error):
            if self.screenshot != "off" and page:
                page.screenshot(path=self.folder / f"{life}.png", full_page=self.full_page, timeout=5000)

    def keep(self, output: Path, *, failed: bool) -> None:
        """Move what the options ask for to ``output``; forget the rest."""
        kinds = {"*.zip": self.tracing, "*.png": self.screenshot, "*-video/*": self.video}
        for pattern, option in kinds.items():
            if option == "on" or failed:
                for number, file in enumerate(sorted(self.folder.glob(pattern)), start=1):
                    output.mkdir(parents=True, exist_ok=True)
                    in_folder = file.parent != self.folder  # of a video Playwright chooses the name
                    name = f"{file.parent.name}-{number}{file.suffix}" if in_folder else file.name
                    shutil.move(file, output / name)
        shutil.rmtree(self.folder, ignore_errors=True)
