"""Broken files of every kind only ever end in our own errors.

The same with thousands of seeds: `python -m tests.benchmarks.fuzz_inputs`.
"""

from tests.benchmarks import fuzz_inputs


def test_broken_zips_end_in_our_errors(tmp_path):
    """Flipped, cut, swapped, repeated: refused, skipped or still read, never anything else."""
    counts, wrong = fuzz_inputs.run(
        lambda data: fuzz_inputs.read_zip(data, tmp_path), fuzz_inputs.good_zips(), range(400)
    )
    assert wrong == []
    assert counts.keys() == {"read", "some files skipped", "refused"}


def test_broken_pictures_end_in_our_errors():
    """The same for pictures of every format."""
    counts, wrong = fuzz_inputs.run(fuzz_inputs.read_image, fuzz_inputs.good_images(), range(400))
    assert wrong == []
    assert counts.keys() == {"read", "skipped"}
