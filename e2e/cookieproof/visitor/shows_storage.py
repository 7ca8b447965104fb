"""What a visitor's pages keep where no cookie is, as tests read it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from cookieproof.cookies.storage import StorageItem
from cookieproof.visitor.storage import Storage

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test


class ShowsStorage(ABC):
    """Part of ``Visitor``, which has what is named here."""

    web_storage: Storage

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page that is asked."""

    @property
    def storage(self) -> list[StorageItem]:
        """What the open page's origin keeps in localStorage, sessionStorage and IndexedDB, and then its frames'.

        A frame in a page of another site has a partition of its own, which ``StorageItem.partition`` names.
        """
        return self.web_storage.items(self.page)
