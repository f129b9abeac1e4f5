"""The linear head in closed form."""

import numpy as np
import pytest

from imgclf_core.networks import mobilenet_v2
from imgclf_core.training import ridge


def blobs(count: int, width: int, classes: int = 3, seed: int = 0):
    """Points around one centre a class."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = generator.normal(size=(classes, width)) * 2
    return (centres[labels] + generator.normal(size=(count, width))).astype(np.float32), labels


@pytest.mark.parametrize(("count", "width"), [(30, 60), (90, 12)])
def test_it_tells_clusters_apart(count, width):
    """Both with fewer and with more photos than features."""
    features, labels = blobs(count, width)
    head = ridge.fit(features, labels, 3)
    scores = mobilenet_v2.apply_head(features, head.kernel, head.bias)
    assert (scores.argmax(axis=1) == labels).mean() >= 0.9
    assert (head.kernel.shape, head.bias.shape) == ((width, 3), (3,))


@pytest.mark.parametrize(("count", "width"), [(12, 20), (24, 6)])
def test_left_out_scores_are_those_of_a_fit_without_the_photo(count, width, monkeypatch):
    """The short cut gives what leaving each out by hand would."""
    monkeypatch.setattr(ridge, "_STRENGTHS", np.array([0.5]))
    monkeypatch.setattr(ridge, "_SHARPNESS", np.array([1.0]))
    features, labels = blobs(count, width)
    head = ridge.fit(features, labels, 3)
    strength = 0.5 * _mean_square(features)
    for i in range(count):
        rest = np.arange(count) != i
        x, y = features[rest].astype(float), np.eye(3)[labels[rest]]
        mean = x.mean(axis=0)
        gram = (x - mean).T @ (x - mean) + strength * np.eye(width)
        kernel = np.linalg.solve(gram, (x - mean).T @ (y - y.mean(axis=0)))
        answer = (features[i] - mean) @ kernel + y.mean(axis=0)
        scores = np.exp(answer) / np.exp(answer).sum()
        np.testing.assert_allclose(head.left_out_scores[i], scores, atol=2e-3)


def _mean_square(features: np.ndarray) -> float:
    values = np.linalg.svd(features - features.mean(axis=0), compute_uv=False) ** 2
    return values[values > values[0] * 1e-7].mean()


def test_heavier_photos_pull_harder():
    """A class that counts ten times is guessed more often where two overlap."""
    generator = np.random.default_rng(1)
    features = generator.normal(size=(200, 4)).astype(np.float32)
    labels = (features[:, 0] + generator.normal(size=200) > 0).astype(int)
    alike = ridge.fit(features, labels, 2)
    heavy = ridge.fit(features, labels, 2, np.where(labels == 1, 10.0, 1.0))
    share = [
        (mobilenet_v2.apply_head(features, h.kernel, h.bias).argmax(axis=1) == 1).mean()
        for h in (alike, heavy)
    ]
    assert share[1] > share[0] + 0.1


def test_photos_that_are_all_the_same_give_even_scores():
    """Nothing can be learnt, and nothing breaks."""
    features = np.ones((6, 5), np.float32)
    head = ridge.fit(features, np.array([0, 0, 0, 1, 1, 1]), 2)
    scores = mobilenet_v2.apply_head(features, head.kernel, head.bias)
    np.testing.assert_allclose(scores, 0.5, atol=1e-6)
