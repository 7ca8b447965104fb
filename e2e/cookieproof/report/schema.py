"""Makes the JSON Schema of ``results.json``, which ``results.schema.json`` holds; a test compares the two."""

from __future__ import annotations

from typing import Any

import msgspec

from cookieproof.report.results import VERSION, Results, Timeline


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``results.json``."""
    _, parts = msgspec.json.schema_components([Results, Timeline], ref_template="#/$defs/{name}")
    whole = parts.pop("Results")
    whole["properties"] |= {
        "version": {"const": VERSION},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "of the bytes before this key"},
    }
    whole["required"] = ["version", *whole["required"], "sha256"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": parts}
