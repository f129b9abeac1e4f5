"""Where a network looked, laid over the photo.

Networks that end in an average over places say it themselves: their class-activation map is
exactly Grad-CAM (R. Selvaraju et al., 2017), for the gradient of the average is the same at every
place. Maps of networks that flatten were made by gradients in the worker and are stored with the
run, see `networks/gradient_maps.py`.

A map has few places, 5 x 5 mostly, and says something everywhere. What is shown is therefore the
mean of the maps of four copies of the photo, and of that only what stands out; what each step
gains on shapes that we drew is measured by `tests/benchmarks/maps_on_shapes.py`.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from imgclf_core.images import decode
from imgclf_core.inference import predictor
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run

# Sizes at which the network sees the photo, as shares of its own; each also mirrored. Averages
# over sizes and mirrored copies are usual where maps find objects (J. Ahn and S. Kwak, 2018).
_SIZES = (1.0, 1.5)
_STEP = 32  # pixels; sides that are multiples of it go through all our networks without a rest
# Heat begins at this share of the way from the mean of the map to its peak, as the width of a
# peak is measured at half of its height.
_BEGINS_AT = 0.5
# Four colours of cividis (J. Nuñez et al., 2018), evenly apart; it reads alike for
# colour-blind eyes.
_COLOURS = np.array([[0, 34, 78], [87, 93, 109], [165, 156, 116], [254, 232, 56]], dtype=float)


def places(run: Run, file: str, data: bytes, classes: Sequence[int]) -> dict[int, np.ndarray]:
    """How much each place of a photo spoke for some classes.

    Args:
        run: Finished.
        file: `Photo.file`, under which stored maps are found.
        data: Bytes of the photo.
        classes: Which to ask about.

    Returns:
        float32 (h, w) by class, empty where there is none. A stored map is that of the guess, the
        first of the classes.

    Raises:
        ImageError: It is not a picture we can read.
    """
    stored = run_store.maps(run).get(file)
    if stored is not None:
        return {classes[0]: stored.astype(np.float32)}
    if not predictor.can_answer(run):
        return {}
    return of_photo(predictor.open_run(run), data, classes)


def of_photo(model: Predictor, data: bytes, classes: Sequence[int]) -> dict[int, np.ndarray]:
    """How much each place of any photo spoke for some classes.

    The mean of the class-activation maps of four copies: as it is, enlarged, and both mirrored.
    A copy counts as much as the score it gives to the class, so that one in which the network
    does not know the photo again says little.

    Args:
        model: Which network.
        data: Bytes of the photo.
        classes: Which to ask about.

    Returns:
        float32 (s, s) by class, s the side that the network sees; no range. Empty for a network
        that does not end in an average over places.

    Raises:
        ImageError: It is not a picture we can read.
    """
    side = model.image_size
    found = {k: np.zeros((side, side), np.float32) for k in dict.fromkeys(classes)}
    weights = dict.fromkeys(found, 1e-12)
    for size in _SIZES:
        across = side if size == 1 else _STEP * round(size * side / _STEP)
        image = decode.load(data, (across, across), model.fit)
        for turn in (1, -1):  # one by one, which takes half the memory
            outputs = model.run(image[None, :, ::turn])
            if outputs.cam is None:
                return {}
            for k in found:
                score = float(outputs.scores[0, k])
                found[k] += score * _enlarged(outputs.cam[0, :, ::turn, k], (side, side))
                weights[k] += score
    return {k: total / np.float32(weights[k]) for k, total in found.items()}


def heat(cam: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map as large as a picture: what stands out in it.

    Args:
        cam: float (h, w); below 0 it speaks against the class.
        size: (height, width).

    Returns:
        float32 (height, width), 0 to 1, smooth: 1 at the peak of the map and 0 up to the middle
        between its mean, negative places counted as 0, and its peak. All 0 where nothing spoke
        for the class, or every place as much.
    """
    large = _enlarged(cam, size)
    positive = np.maximum(large, 0)
    peak, mean = float(positive.max()), float(positive.mean())
    if peak - mean <= 1e-6 * peak:
        return np.zeros(size, np.float32)
    begins = mean + _BEGINS_AT * (peak - mean)
    return np.maximum((large - begins) / (peak - begins), 0).astype(np.float32)


def overlay(image: np.ndarray, heat_map: np.ndarray, strength: float) -> np.ndarray:
    """The picture with the map over it; where there is no heat it stays as it is.

    Args:
        image: uint8 (H, W, 3).
        heat_map: float (H, W), 0 to 1.
        strength: 0 to 1; 0 gives the picture itself.

    Returns:
        uint8 (H, W, 3).
    """
    levels = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack(
        [np.interp(heat_map, levels, _COLOURS[:, channel]) for channel in range(3)], axis=2
    )
    # The root lets the rim of the heat be seen, which fades into the photo all the same.
    share = strength * np.sqrt(heat_map)[..., None]
    return np.round(image * (1 - share) + colours * share).clip(0, 255).astype(np.uint8)


def _enlarged(cam: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """float32 (height, width), by cubic interpolation that never leaves the range of the map."""
    cam = np.ascontiguousarray(cam, dtype=np.float32)
    large = Image.fromarray(cam).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(large), cam.min(), cam.max())
