"""The networks one can choose, by name, and what they have in common.

Each module has `NAME`, `IMAGE_SIZES`, `DEFAULT_IMAGE_SIZE` and `describe`; those that learn from
pixels also `build`.
"""

from imgclf_core.networks import mobilenet_v2, scene_network, scratch_cnn, sports_network

# A linear layer in closed form on the pretrained network, see `training/baseline.py`.
FIRST_ANSWER = "first_answer"

# Networks that start knowing nothing: ours, and two of published write-ups.
FROM_PIXELS = {module.NAME: module for module in (scratch_cnn, scene_network, sports_network)}
ON_BACKBONE = (mobilenet_v2.NAME, FIRST_ANSWER)
WORDS = {
    mobilenet_v2.NAME: "MobileNetV2",
    scratch_cnn.NAME: "Scratch CNN",
    scene_network.NAME: "Scene network",
    sports_network.NAME: "Sports network",
    FIRST_ANSWER: "First answer",
}


def image_sizes(name: str) -> tuple[int, ...]:
    """Sides of the square that a network can be built for, in pixels."""
    module = FROM_PIXELS.get(name, mobilenet_v2)
    return module.IMAGE_SIZES
