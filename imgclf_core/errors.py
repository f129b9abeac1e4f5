"""The errors people are meant to read.

Every message says what is wrong, with which file or setting, and what to do next.
Pages show them as sentences and the command line prints them; anything that is not an
`ImgclfError` is a bug and goes to the log. This module imports nothing of ours, so that
every other module can use it.
"""


class ImgclfError(Exception):
    """Base of all our errors; `str(error)` is a sentence for the person."""


class InputError(ImgclfError):
    """Something the person gave cannot be used; the command line ends with status 2."""


class OptionError(InputError):
    """A setting is outside of what is possible."""


class ArchiveError(InputError):
    """The zip as a whole cannot be read."""


class ImageError(InputError):
    """One file is not a picture we can read."""


class DatasetError(InputError):
    """The pictures can be read, but no data set can be made of them."""


class ChangedElsewhereError(DatasetError):
    """The data set has another version than the change was made for."""


class UnreadableError(ImgclfError):
    """What is there cannot be read just now, and must not count as gone."""


class ModelError(InputError):
    """A run or bundle cannot be opened or cannot answer."""


class WeightsError(InputError):
    """A file of pretrained weights is missing, damaged or of another network."""


class DownloadError(ImgclfError):
    """A download did not arrive, or not in time."""


class JobError(ImgclfError):
    """A job ended without its result."""


class JobMemoryError(JobError):
    """There is too little free memory for a job to begin."""


class JobStoppedError(ImgclfError):
    """The person stopped a job before it had anything to keep."""


class JobCancelledError(JobStoppedError):
    """The person cancelled a job; nothing of it is kept."""


class BoundError(InputError):
    """The person, or all together, have as much as they may; nothing was begun."""


class WorkspaceError(ImgclfError):
    """A workspace, data set or run is not there or may not be opened."""
