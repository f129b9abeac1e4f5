"""Reads the original bytes of the photos of a data set."""

from imgclf_core.datasets.dataset import IMAGES_FOLDER, Dataset, Photo
from imgclf_core.errors import DatasetError
from imgclf_core.support import file_system


def read_photo(dataset: Dataset, photo: Photo) -> bytes:
    """Returns the original bytes of a photo.

    Raises:
        DatasetError: The file is gone.
    """
    return read_file(dataset, photo.file, photo.name)


def read_file(dataset: Dataset, file: str, name: str) -> bytes:
    """Returns the original bytes behind `Photo.file`.

    Args:
        dataset: To which the photo belongs, perhaps in an earlier version.
        file: Generated name of the photo.
        name: Name it came with, for the error.

    Raises:
        DatasetError: The file is gone.
    """
    try:
        return file_system.read(dataset.folder / IMAGES_FOLDER / file)
    except OSError as error:
        raise DatasetError(
            f"The photo '{name}' of '{dataset.name}' cannot be read from the disk "
            f"({error.strerror}). Bring the photos in again."
        ) from error
