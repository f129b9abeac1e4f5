"""One row of the table *What is inside*."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerRow:
    """A layer or block of a network.

    Attributes:
        layer: What it is, in words.
        shape: Output without the batch: (height, width, channels) or (numbers,).
        parameters: Numbers it holds.
        trainable: Whether training changes them.
    """

    layer: str
    shape: tuple[int, ...]
    parameters: int
    trainable: bool
