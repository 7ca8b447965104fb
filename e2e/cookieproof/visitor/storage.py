"""Reads what one visitor's pages keep in localStorage, sessionStorage and IndexedDB, and keeps snapshots."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.browser.pages import DoesNotAnswer
from cookieproof.clock.clock import Clock
from cookieproof.cookies.storage import StorageChange, StorageItem, StorageKind, StorageSnapshot
from cookieproof.site.own_pages import BLANK
from cookieproof.site.site import Site
from cookieproof.visitor.frames import site_of
from cookieproof.visitor.lives import Lives
from cookieproof.visitor.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playwright.sync_api import Frame, Page

__tracebackhide__ = True  # a failure points at the line of the test

LONGEST_SEEN = 1000  # characters; a snapshot has of a longer value only its beginning, length and hash
ENDING_SECONDS = 1.0
# Cookies are read first: see NetworkIdle.await_scripts_cookies. A storage that is denied to the page is null.
LOOK = """([longest, indexed]) => {
  try { document.cookie; } catch { /* a sandboxed page has none */ }
  const cut = text => {
    if (longest === null || text.length <= longest) return text;
    let hash = 0;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 31) + text.charCodeAt(at) | 0;
    return `${text.slice(0, 40)}… (${text.length} characters, hash ${(hash >>> 0).toString(16)})`;
  };
  const web = name => {
    try {
      const storage = window[name];
      const keys = Array.from({length: storage.length}, (_, at) => storage.key(at));
      return keys.map(key => [key, cut(storage.getItem(key))]);
    } catch { return null; }
  };
  const told = {origin: self.origin, local: web("localStorage"), session: web("sessionStorage")};
  if (!indexed) return told;
  const result = request => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const spell = value => { try { return JSON.stringify(value) ?? String(value); } catch { return String(value); } };
  const read = async () => {
    const found = [];
    for (const {name} of await indexedDB.databases()) {
      const database = await result(indexedDB.open(name));
      try {
        for (const store of database.objectStoreNames) {
          const all = database.transaction(store).objectStore(store);
          const [keys, values] = await Promise.all([result(all.getAllKeys()), result(all.getAll())]);
          keys.forEach((key, at) => {
            const named = typeof key === "string" ? key : spell(key);
            found.push([`${name}/${store}/${named}`, cut(spell(values[at]))]);
          });
        }
      } finally { database.close(); }
    }
    return found;
  };
  return read().then(indexed_db => ({...told, indexed_db}), () => ({...told, indexed_db: null}));
}"""


CLEAR = """async () => {
  try { localStorage.clear(); sessionStorage.clear(); } catch { /* a browser may deny it */ }
  const gone = request => new Promise(done => { request.onsuccess = request.onerror = request.onblocked = done; });
  for (const {name} of await indexedDB.databases()) await gone(indexedDB.deleteDatabase(name));
  for (const name of await self.caches?.keys() ?? []) await caches.delete(name);
  for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) await worker.unregister();
}"""


class Storage:
    """Reads what the origins of a visitor's pages keep. ``snapshots`` has each that differs from the one before.

    A snapshot of each page is taken before ``goto`` leaves it, before the browser ends, and where an expectation is
    checked. What is set and removed between two snapshots is not seen. Frames are read only if a test asks for them,
    and IndexedDB only after a test has first asked for it.
    """

    def __init__(self, lives: Lives, probe: Probe, site: Site, clock: Clock, visitor: int) -> None:
        self.snapshots: list[StorageSnapshot] = []
        self._lives, self._probe, self._site, self._clock, self._visitor = lives, probe, site, clock, visitor
        self._looks_at_indexed_db = False

    def take_snapshot(self, page: Page, seconds: float) -> StorageSnapshot:
        """Read what a page keeps, and remember and return it. Raises ``DoesNotAnswer`` for a busy page."""
        told = pages.evaluate(page, LOOK, [LONGEST_SEEN, self._looks_at_indexed_db], seconds=seconds)
        return self._remember(page, told)

    def take_last_snapshots(self) -> None:
        """Take a snapshot of each page before the browser ends, except of a busy page."""
        from playwright.sync_api import Error

        if os.environ.get("PWDEBUG"):  # the Inspector would stop here
            return
        for page in self._lives.pages:
            with contextlib.suppress(Error, DoesNotAnswer):
                self.take_snapshot(page, ENDING_SECONDS)

    def items(self, page: Page) -> list[StorageItem]:
        """Return what a page and its frames keep at this moment, the page's first, with uncut values."""
        self._looks_at_indexed_db = True
        found = [
            item for frame in page.frames for snapshot in self._snapshots_of(frame, None) for item in snapshot.items()
        ]
        return list(dict.fromkeys(found))

    def now(self, origin: str, partition: str | None, kind: StorageKind, frame: Frame | None) -> list[StorageSnapshot]:
        """Return a snapshot of this frame, or else of each open page and frame of the origin.

        If none is open, a tab of the harness's own reads what all tabs of an origin share (not sessionStorage).
        """
        self._looks_at_indexed_db = self._looks_at_indexed_db or kind == "indexed_db"
        found: list[StorageSnapshot] = []
        asked = [frame] if frame else [each for page in self._lives.pages for each in page.frames]
        for each in asked:
            if frame or _origin(each.url) == _origin(origin):
                found += [
                    snapshot for snapshot in self._snapshots_of(each, LONGEST_SEEN) if snapshot.partition == partition
                ]
        if not found and not frame and kind != "session" and self._lives.pages:
            with self._probe.tab_of(self._lives.pages[0], origin) as tab:
                told = pages.evaluate(tab, LOOK, [LONGEST_SEEN, self._looks_at_indexed_db])
                found = [self._remember(tab, told, by_page=False)]
        return found

    def empty(self, page: Page, origins: Iterable[str]) -> None:
        """Remove all that these origins keep, caches and service workers too, and this tab's sessionStorage."""
        for origin in origins:
            if page.context.service_workers:  # one may answer for the harness's page
                with self._probe.tab_of(page, origin) as tab:
                    pages.evaluate(tab, CLEAR)
            page.goto(f"{origin}{BLANK}")
            pages.evaluate(page, CLEAR)

    def is_blank(self) -> bool:
        """Return whether no page has been visited in this life: then no tab has a sessionStorage."""
        return all(page.url == "about:blank" for page in self._lives.pages)

    def _snapshots_of(self, frame: Frame, longest: int | None) -> list[StorageSnapshot]:
        from playwright.sync_api import Error

        try:
            told = pages.evaluate(frame, LOOK, [longest, self._looks_at_indexed_db])
            around = [told["origin"]]
            outer = frame.parent_frame
            while outer:
                around.append(pages.evaluate(outer, "self.origin"))
                outer = outer.parent_frame
        except Error:  # it goes elsewhere at this moment
            return []
        is_parted = len({site_of(each) for each in around}) > 1
        partition = site_of(around[-1]) if is_parted else None
        if longest is None:  # uncut values cannot be compared with those of ``snapshots``
            return [self._as_snapshot(frame.page, told, partition)]
        return [self._remember(frame.page, told, partition)]

    def _as_snapshot(self, page: Page, told: Any, partition: str | None, *, by_page: bool = True) -> StorageSnapshot:
        kept = {kind: None if told[kind] is None else dict(told[kind]) for kind in told if kind != "origin"}
        if not by_page:
            del kept["session"]  # a tab of the harness's own
        number = page._impl_obj._guid if by_page else None
        return StorageSnapshot(told["origin"], partition, kept, number, self._lives.number, self._clock.now("browser"))

    def _remember(
        self, page: Page, told: Any, partition: str | None = None, *, by_page: bool = True
    ) -> StorageSnapshot:
        snapshot = self._as_snapshot(page, told, partition, by_page=by_page)
        alike = [each for each in self.snapshots if (each.origin, each.partition) == (snapshot.origin, partition)]
        if not _is_known(alike, snapshot) and snapshot.origin.startswith("http"):
            self.snapshots.append(snapshot)
            if changes := _changes(alike, snapshot):
                framed = f" in frames of {snapshot.partition.partition('://')[2]}" if snapshot.partition else ""
                host, names = f"{urlsplit(snapshot.origin).hostname}{framed}", ", ".join(each.name for each in changes)
                self._site.note("storage", names, self._visitor, host=host, storage=tuple(changes))
        return snapshot


def _is_known(before: Sequence[StorageSnapshot], snapshot: StorageSnapshot) -> bool:
    """Return whether the page's last snapshot was equal, and no later one shows another value in a shared storage."""
    last = next((at for at in reversed(range(len(before))) if before[at].page == snapshot.page), None)
    shared = [{**each.kept, "session": None} for each in [snapshot, *before[last:]]] if last is not None else []
    return last is not None and before[last] == snapshot and all(each == shared[0] for each in shared)


def _changes(before: Sequence[StorageSnapshot], snapshot: StorageSnapshot) -> list[StorageChange]:
    """Return how each name has changed since the last snapshot; for sessionStorage, since the same page's."""
    changes: list[StorageChange] = []
    for kind, kept in snapshot.kept.items():
        same = [each for each in before if kind in each.kept and (kind != "session" or each.page == snapshot.page)]
        if kind == "session":
            same = [each for each in same if each.life == snapshot.life]
        last = (same[-1].kept[kind] if same else None) or {}
        names = {**last, **(kept or {})} if kept is not None else {}
        changes += [
            StorageChange(kind, name, (kept or {}).get(name))
            for name in names
            if (kept or {}).get(name) != last.get(name)
        ]
    return changes


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port
