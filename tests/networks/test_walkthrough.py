"""Each function of the lesson does what the layer of a network does."""

import numpy as np
import pytest

from imgclf_core.networks import walkthrough


def test_grey_weighs_the_channels():
    """White is 255, and green is brighter than red, red brighter than blue."""
    colours = np.array([[[255, 255, 255], [0, 255, 0], [255, 0, 0], [0, 0, 255]]], np.uint8)
    white, green, red, blue = walkthrough.grey(colours)[0]
    assert white == pytest.approx(255)
    assert white > green > red > blue > 0


def test_the_edge_filter_answers_at_an_edge_only():
    """A step from dark to bright gives large numbers where it is, zero elsewhere."""
    step = np.zeros((5, 8))
    step[:, 4:] = 10
    answer = walkthrough.convolve(step)
    assert answer.shape == (3, 6)
    np.testing.assert_array_equal(answer[0], [0, 0, 40, 40, 0, 0])


def test_convolution_is_the_sum_of_products():
    """The same as four loops."""
    generator = np.random.default_rng(0)
    values, kernel = generator.normal(size=(6, 7)), generator.normal(size=(3, 2))
    slow = [
        [float((values[y : y + 3, x : x + 2] * kernel).sum()) for x in range(6)] for y in range(4)
    ]
    np.testing.assert_allclose(walkthrough.convolve(values, kernel), slow)


def test_relu_keeps_what_is_above_zero():
    """Negative numbers become zero, positive ones stay."""
    np.testing.assert_array_equal(walkthrough.relu(np.array([-2.0, 0.0, 3.0])), [0, 0, 3])


def test_pooling_keeps_the_largest_of_each_square():
    """An odd last row or column falls away."""
    values = np.arange(15).reshape(3, 5)
    np.testing.assert_array_equal(walkthrough.max_pool(values), [[6, 8]])


def test_dropout_hides_the_share_it_says():
    """About that share is zero, the rest is untouched, the same for the same seed."""
    values = np.ones(2000)
    hidden = walkthrough.dropout(values, 0.3, seed=1)
    assert set(hidden) == {0.0, 1.0}
    assert 0.25 < (hidden == 0).mean() < 0.35
    np.testing.assert_array_equal(hidden, walkthrough.dropout(values, 0.3, seed=1))


def test_softmax_adds_up_to_one_even_for_huge_sums():
    """Large numbers do not overflow, and the order stays."""
    shares = walkthrough.softmax(np.array([1000.0, 1001.0, -1000.0]))
    assert shares.sum() == pytest.approx(1)
    assert shares[1] / shares[0] == pytest.approx(np.e)


def test_a_picture_of_numbers_uses_all_greys():
    """The smallest is black and the largest white; equal numbers are no error."""
    picture = walkthrough.as_picture(np.array([[-5.0, 0.0, 5.0]]))
    assert picture.shape == (1, 3, 3)
    assert picture[0, :, 0].tolist() == [0, 127, 255]
    assert walkthrough.as_picture(np.ones((2, 2))).max() == 0
