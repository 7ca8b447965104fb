"""The property by which a test reads what a visitor's pages keep in storages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from cookieproof.cookies.storage import StorageItem
from cookieproof.visitor.storage import Storage

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test


class StorageMixin(ABC):
    """A mixin of ``Visitor`` with ``storage``; ``Visitor`` defines the names that are declared here."""

    web_storage: Storage

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page whose storages are read."""

    @property
    def storage(self) -> list[StorageItem]:
        """What the open page's origin keeps in localStorage, sessionStorage and IndexedDB, then what its frames keep.

        A frame in a page of another site has a partition of its own, which ``StorageItem.partition`` names.
        """
        return self.web_storage.items(self.page)
