"""What always holds, after any sequence of changes: the receipt adds up, the test is sealed."""

import random

import pytest

from imgclf_core.datasets import objects, photo_files, store
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import Dataset, groups_of
from imgclf_core.datasets.edits import decisions, remedies, resplit
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.errors import DatasetError, ImgclfError
from tests.conftest import make_zip, picture, two_classes


def add(dataset: Dataset, folder, reporter, entries: dict[str, bytes], **params) -> Dataset:
    """Adds photos in this process."""
    source = make_zip(folder / "more.zip", entries)
    ingestion.run(
        folder / "job", {"source": str(source), "into": str(dataset.folder), **params}, reporter
    )
    return store.load(dataset.folder)


def check_promises(dataset: Dataset) -> None:
    """Every file is accounted for, and no group lies on two sides unsaid."""
    everyone = [*dataset.photos, *(item.photo for item in dataset.left_out)]
    receipt = dataset.receipt
    assert receipt.taken == len(everyone)
    assert receipt.received == int(dataset.counts.sum()) + len(dataset.left_out) + len(
        receipt.skipped
    )
    sides: dict[int, set[str]] = {}
    for group, photo in zip(groups_of(everyone), everyone, strict=True):
        sides.setdefault(int(group), set()).add(photo.side)
    if any(len(found) > 1 for found in sides.values()):
        # An added photo may be a copy of one side and show an object of another. That is said.
        assert "leak" in {problem.check for problem in class_checks.find_problems(dataset)}


def some(chance: random.Random, count: int) -> list[int]:
    """A few positions."""
    return chance.sample(range(count), min(count, chance.randint(1, 4)))


def change(dataset: Dataset, chance: random.Random, folder, reporter) -> Dataset:
    """One change at random; what cannot be done is left undone."""
    photo = picture(chance.randint(0, 40), tint=chance.choice((0, 2)))
    names = [photo.name for photo in dataset.photos]
    acts = (
        lambda: remedies.leave_out(dataset, some(chance, len(dataset.photos))),
        lambda: remedies.bring_back(dataset, some(chance, len(dataset.left_out))),
        lambda: decisions.move(dataset, some(chance, len(dataset.photos)), chance.choice("xyz")),
        lambda: remedies.rename(dataset, chance.choice(dataset.class_names), chance.choice("xyz")),
        lambda: resplit.divide_anew(dataset, seed=chance.randint(0, 9)),
        lambda: resplit.group_objects(
            dataset, objects.by_pattern(names, "{object}_*"), "names", "{object}_*"
        ),
        lambda: store.undo(dataset.folder),
        lambda: store.redo(dataset.folder),
        lambda: add(
            dataset,
            folder,
            reporter,
            {f"red/{chance.randint(0, 5)}_{chance.random()}.jpg": photo, "red/bad.jpg": b"x"},
        ),
    )
    try:
        done = chance.choice(acts)()
        if hasattr(done, "sentence"):
            store.commit(done.dataset, done.sentence)
    except ImgclfError:
        pass
    return store.load(dataset.folder)


@pytest.mark.parametrize("seed", range(8))
def test_any_sequence_of_changes_keeps_the_promises(make_dataset, tmp_path, reporter, seed):
    """Thirty changes, additions of copies, undo and redo among them."""
    chance = random.Random(seed)
    entries = {f"{name[:-4]}_v.jpg": data for name, data in two_classes(10).items()}
    made = make_dataset(entries)
    for _ in range(30):
        made = change(made, chance, tmp_path, reporter)
        check_promises(made)


def test_what_was_added_and_undone_is_not_on_the_receipt(make_dataset, tmp_path, reporter):
    """Add, undo, add something else: only the second addition counts."""
    made = make_dataset(two_classes(10))
    add(made, tmp_path, reporter, {f"red/a{i}.jpg": picture(300 + i) for i in range(5)})
    store.undo(made.folder)
    after = add(made, tmp_path, reporter, {f"red/b{i}.jpg": picture(400 + i) for i in range(3)})
    assert after.receipt.received == 23
    check_promises(after)


def test_objects_hold_for_photos_that_are_left_out(make_dataset):
    """They come back on the side of their object."""
    entries = {
        f"{c}/{i}_{v}.jpg": picture(100 * ord(c) + 10 * i + v)
        for c in "ab"
        for i in range(12)
        for v in range(2)
    }
    made = make_dataset(entries)
    second = [i for i, photo in enumerate(made.photos) if photo.name.endswith("_1.jpg")]
    made = remedies.leave_out(made, second).dataset
    found = objects.by_pattern(list(entries), "{object}_*")
    made = resplit.group_objects(made, found, "names").dataset
    made = remedies.bring_back(made, range(len(made.left_out))).dataset
    check_promises(made)
    assert "leak" not in {problem.check for problem in class_checks.find_problems(made)}


def test_an_addition_reads_folders_as_the_set_does(tmp_path, reporter):
    """Told once, it holds for what comes later."""
    nested = {
        f"{a}/{b}/{i}.jpg": picture(100 * k + 10 * j + i)
        for k, a in enumerate(("uk", "us"))
        for j, b in enumerate("12")
        for i in range(3)
    }
    source = make_zip(tmp_path / "a.zip", nested)
    ingestion.run(tmp_path / "set", {"source": str(source), "class_from": "first"}, reporter)
    more = {
        f"{a}/{b}/n{i}.jpg": picture(900 + 10 * k + i)
        for k, a in enumerate(("uk", "fr"))
        for b in "12"
        for i in range(2)
    }
    after = add(store.load(tmp_path / "set"), tmp_path, reporter, more)
    assert after.class_names == ("fr", "uk", "us")


def test_a_side_that_is_empty_stays_empty_when_taken_along(make_dataset, tmp_path, reporter):
    """Nothing that was trained on becomes the test of somebody else."""
    made = make_dataset(two_classes(12))
    tests = made.indices("test")
    made = store.commit(remedies.leave_out(made, tests).dataset, "No test.")
    portable.write(made, tmp_path / "along.zip")
    ingestion.run(tmp_path / "again", {"source": str(tmp_path / "along.zip")}, reporter)
    assert store.load(tmp_path / "again").counts.tolist() == made.counts.tolist()


def test_a_change_meanwhile_does_not_lose_an_addition(
    make_dataset, tmp_path, reporter, monkeypatch
):
    """The person goes on while photos are compared; both are kept."""
    made = make_dataset(two_classes(6))
    real, once = resplit.divided, []

    def meddling(*arguments):
        if not once:
            once.append(True)
            change = remedies.balance(store.load(made.folder), "sample up")
            store.commit(change.dataset, change.sentence)
        return real(*arguments)

    monkeypatch.setattr(resplit, "divided", meddling)
    after = add(made, tmp_path, reporter, {"red/n.jpg": picture(300)})
    assert (after.version, after.balance, len(after.photos)) == (3, "sample up", 13)


def test_a_failure_after_the_version_is_written_loses_no_photo(
    make_dataset, tmp_path, reporter, monkeypatch
):
    """What a version knows is never cleaned up."""
    made = make_dataset(two_classes(6))
    monkeypatch.setattr(ingestion, "photos_in_words", lambda count: "photos")
    real = store.load

    def failing(folder, version=None):
        loaded = real(folder, version)
        if loaded.version == 2:
            raise MemoryError
        return loaded

    monkeypatch.setattr(store, "load", failing)
    with pytest.raises(MemoryError):
        add(made, tmp_path, reporter, {"red/n.jpg": picture(300)})
    monkeypatch.setattr(store, "load", real)
    after = store.load(made.folder)
    assert all(photo_files.read_photo(after, photo) for photo in after.photos)


def test_what_a_killed_addition_left_is_cleaned_up_by_the_next(make_dataset, tmp_path, reporter):
    """Files that no version knows go."""
    made = make_dataset(two_classes(6))
    orphan = made.folder / "images" / f"{'e' * 64}.jpg"
    orphan.write_bytes(b"x")
    add(made, tmp_path, reporter, {"red/n.jpg": picture(300)})
    assert not orphan.exists()


def test_a_missing_side_is_filled_from_photos_that_take_part(make_dataset):
    """Photos that are left out do not fill the quota of a side."""
    made = make_dataset(two_classes(20))
    blue = [i for i in range(20) if made.photos[i].side != "test"][:12]
    rest = [i for i in range(20) if made.photos[i].side == "test"]
    made = remedies.leave_out(made, [*blue, *rest]).dataset
    (problem,) = [p for p in class_checks.find_problems(made) if p.check == "missing side"]
    after = problem.remedies[0].apply(made, ()).dataset
    assert (after.counts > 0).all()


@pytest.mark.parametrize("seed", ["-1", "1e400", "1099511627776", '"x"', "Infinity"])
def test_a_seed_that_cannot_be_is_refused(make_dataset, tmp_path, reporter, seed):
    """It would break the page later."""
    import zipfile

    portable.write(make_dataset(two_classes(4)), tmp_path / "along.zip")
    with zipfile.ZipFile(tmp_path / "along.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    about = entries["imgclf-dataset.json"].replace(b'"seed": 0', f'"seed": {seed}'.encode())
    make_zip(tmp_path / "bad.zip", {**entries, "imgclf-dataset.json": about})
    with pytest.raises(DatasetError, match="damaged or was changed"):
        ingestion.run(tmp_path / "again", {"source": str(tmp_path / "bad.zip")}, reporter)
