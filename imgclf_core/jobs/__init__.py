"""Work that outlives a click: child processes, the queue before them and what they report."""
