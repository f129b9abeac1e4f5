"""What the tests of weights share."""

import pytest

SIZE = 96  # at 160 pixels an official file is compared with the shipped one


@pytest.fixture(scope="session")
def official_file(tmp_path_factory) -> bytes:
    """A file as Keras publishes them, with random weights."""
    import keras

    path = tmp_path_factory.mktemp("h5") / "mobilenet.h5"
    shape = (SIZE, SIZE, 3)
    keras.applications.MobileNetV2(shape, include_top=False, weights=None).save(path)
    return path.read_bytes()
