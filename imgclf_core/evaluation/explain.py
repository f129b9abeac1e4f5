"""Where a network looked, laid over the photo.

Networks that end in an average over places say it themselves: their class-activation map is
exactly Grad-CAM (R. Selvaraju et al., 2017), for the gradient of the average is the same at every
place. Maps of networks that flatten were made by gradients in the worker and are stored with the
run, see `evaluation/gradient_maps.py`.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from imgclf_core.inference import predictor
from imgclf_core.training.run import Run

# Four colours of cividis (J. Nuñez et al., 2018), which reads alike for colour-blind eyes.
_COLOURS = np.array([[0, 34, 78], [87, 93, 109], [165, 156, 116], [254, 232, 56]], dtype=float)


def places(
    run: Run, file: str, data: bytes, classes: Sequence[int]
) -> dict[int, np.ndarray]:  # fmt: skip
    """How much each place of a photo spoke for some classes.

    Args:
        run: Finished.
        file: `Photo.file`, under which stored maps are found.
        data: Bytes of the photo.
        classes: Which to ask about.

    Returns:
        float (h, w) by class, empty where there is none. A stored map is that of the guess, the
        first of the classes.

    Raises:
        ImageError: It is not a picture we can read.
    """
    stored = run.maps().get(file)
    if stored is not None:
        return {classes[0]: stored.astype(np.float32)}
    if not predictor.can_answer(run):
        return {}
    model = predictor.open_run(run)
    cam = model.run(model.load(data)[None]).cam
    return {} if cam is None else {k: cam[0, :, :, k] for k in classes}


def heat(cam: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map as large as a picture.

    Args:
        cam: float (h, w); what speaks against the class, below 0, is left away.
        size: (height, width).

    Returns:
        float32 (height, width), 0 to 1, smooth; all 0 where nothing spoke for the class.
    """
    positive = np.maximum(cam, 0).astype(np.float32)
    peak = float(positive.max())
    if peak <= 0:
        return np.zeros(size, np.float32)
    small = Image.fromarray(positive / peak)
    large = np.asarray(small.resize((size[1], size[0]), Image.Resampling.BICUBIC))
    large = np.clip(large, 0, None)
    return large / max(float(large.max()), 1e-12)


def overlay(image: np.ndarray, heat_map: np.ndarray, strength: float) -> np.ndarray:
    """The picture with the map over it; where there is no heat it is darkened.

    Args:
        image: uint8 (H, W, 3).
        heat_map: float (H, W), 0 to 1.
        strength: 0 to 1; 0 gives the picture itself.
    """
    levels = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack(
        [np.interp(heat_map, levels, _COLOURS[:, channel]) for channel in range(3)], axis=2
    )
    share = strength * (0.35 + 0.45 * heat_map)[..., None]
    return np.clip(image * (1 - share) + colours * share, 0, 255).astype(np.uint8)
