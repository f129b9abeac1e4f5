"""How much memory is free for new work."""

import psutil


def available() -> int:
    """Bytes free for new work."""
    return psutil.virtual_memory().available
