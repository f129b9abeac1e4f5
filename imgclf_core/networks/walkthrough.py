"""What happens inside a network, on one photo, in NumPy.

For teaching: each function does what one layer does, slowly and plainly. The networks
themselves are in the other modules of this folder.
"""

import numpy as np

# A filter that answers where brightness changes from left to right (Sobel).
EDGE_FILTER = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def grey(pixels: np.ndarray) -> np.ndarray:
    """Brightness 0 to 255, float64 (h, w), of an RGB array (h, w, 3); weights of ITU-R BT.601."""
    return pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114])


def convolve(values: np.ndarray, kernel: np.ndarray = EDGE_FILTER) -> np.ndarray:
    """Slides a filter over a picture: at each place, the sum of numbers times filter.

    Args:
        values: (h, w). kernel: (a, b).

    Returns:
        float64 (h - a + 1, w - b + 1).
    """
    windows = np.lib.stride_tricks.sliding_window_view(values, kernel.shape)
    return np.einsum("hwab,ab->hw", windows, kernel)


def relu(values: np.ndarray) -> np.ndarray:
    """Keeps what is above zero and makes the rest zero."""
    return np.maximum(values, 0.0)


def max_pool(values: np.ndarray, size: int = 2) -> np.ndarray:
    """Of every `size` x `size` square only the largest number, (h // size, w // size)."""
    height, width = (side // size * size for side in values.shape)
    squares = values[:height, :width].reshape(height // size, size, width // size, size)
    return squares.max(axis=(1, 3))


def dropout(values: np.ndarray, rate: float, seed: int = 0) -> np.ndarray:
    """Makes a random share of the numbers zero, as is done while training only."""
    return values * (np.random.default_rng(seed).random(values.shape) >= rate)


def softmax(sums: np.ndarray) -> np.ndarray:
    """Turns any K numbers into K shares above zero that add up to 1."""
    shifted = np.exp(sums - sums.max())
    return shifted / shifted.sum()


def as_picture(values: np.ndarray) -> np.ndarray:
    """Numbers of any range as grey, uint8 (h, w, 3); dark is small."""
    low, high = values.min(), values.max()
    scaled = (values - low) / (high - low) * 255 if high > low else np.zeros_like(values)
    return np.repeat(scaled.astype(np.uint8)[..., None], 3, axis=2)
