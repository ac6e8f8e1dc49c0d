"""Documents: which are taken, and their category by where they come from (SX-16, ED-19).

A document is a reference with size, type and SHA-256; its bytes never travel (ED-19).
"""

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from schemas.types.common import Document
from streams.rules import Refuse

Category = Literal["LEGAL", "PROVIDER_PHOTO", "PROVIDER_DOCUMENT", "BUDGET", "OTHER"]

EXTENSIONS = frozenset({"png", "jpg", "jpeg", "csv", "pdf", "xlsx", "xls"})
MIMES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/jpg",
        "text/csv",
        "application/csv",
        "application/pdf",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)

BY_SOURCE: dict[str, Category] = {
    "ContractSigned": "LEGAL",
    "UploadContract": "LEGAL",
    "WcfSigned": "LEGAL",
    "UploadWcf": "LEGAL",
    "CheckedIn": "PROVIDER_PHOTO",
    "CheckedOut": "PROVIDER_PHOTO",
    "JobDocumentAdded": "PROVIDER_DOCUMENT",
    "ReportUploaded": "BUDGET",
    "UploadReport": "BUDGET",
    "AddDocument": "OTHER",
}
"""The category that each input gives its documents, whatever it says itself."""


def taken(source: str, document: Document | None) -> Document | None:
    """The document under the category of its source."""
    return None if document is None else replace(document, category=BY_SOURCE[source])


def all_taken(source: str, documents: Iterable[Document]) -> tuple[Document, ...]:
    """The documents under the category of their source."""
    return tuple(replace(document, category=BY_SOURCE[source]) for document in documents)


def not_allowed(*documents: Document | None) -> Refuse | None:
    """A refusal of the whole input where one of its documents is of a type not allowed."""
    for document in documents:
        if document is not None and not _is_allowed(document):
            kinds = " ".join(sorted(EXTENSIONS))
            return Refuse(
                "SX-16", f"{document.name} ({document.mime}) is none of the allowed types: {kinds}"
            )
    return None


def _is_allowed(document: Document) -> bool:
    """By its type, and by its name where that has an extension: a number, as in a date, is none."""
    _, dot, extension = document.name.rpartition(".")
    named = not dot or extension.isdigit() or extension.lower() in EXTENSIONS
    return named and document.mime.partition(";")[0].strip().lower() in MIMES
