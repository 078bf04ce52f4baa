"""Names of ours."""

from __future__ import annotations

#: What ours has and Twisted's has not.
OUR_NAMES = {
    "trace", "tlsHostname", "requireTLS", "expunged",
    "maxLineLength", "maxLiteralSize", "maxResponseSize", "maxDepth",
    "maxListsPerResponse", "maxElementsPerResponse",
}  # fmt: skip
