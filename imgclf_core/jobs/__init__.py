"""Work that outlives a click: child processes, their queue, limits and reports."""
