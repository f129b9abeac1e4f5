"""The engine of imgclf: everything the app does, without a page in sight.

Nothing is imported here, so that a process pays only for the parts it uses.
`README.md` beside this file draws the architecture.
"""

__version__ = "0.1.0"
