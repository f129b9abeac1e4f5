"""Models from elsewhere: ours are taken, everything else is refused with the reason."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core import config
from imgclf_core.errors import ImgclfError, ModelError
from imgclf_core.evaluation import gate
from imgclf_core.export import imported
from imgclf_core.imports import manifest, shapes, stored_arrays
from imgclf_core.inference import predictor
from imgclf_core.jobs import events, queue
from imgclf_core.models import networks
from imgclf_core.training import run as runs
from tests.conftest import make_zip, picture
from tests.export import sealing

LIMITS = config.limits(config.SHARED)
LABELS, FILES = sealing.parts()


@pytest.fixture(scope="session")
def honest(tmp_path_factory) -> Path:
    """A bundle on the shipped backbone in which nothing lies."""
    return sealing.write(tmp_path_factory.mktemp("bundle") / "model.zip", LABELS, FILES)


def refused(path: Path, words: str) -> None:
    """The file is refused with these words."""
    with pytest.raises(ModelError) as error:
        imported.check(path, LIMITS)
    assert words in str(error.value)


def lying(tmp_path, words: str, labels: dict | None = None, files: dict | None = None) -> None:
    """A properly sealed bundle with other labels or files is refused with these words."""
    changed = {name: data for name, data in {**FILES, **(files or {})}.items() if data is not None}
    path = sealing.write(tmp_path / "liar.zip", {**LABELS, **(labels or {})}, changed)
    refused(path, words)


def test_an_honest_bundle_is_known(honest):
    """Names, network, size, threshold, gate and score come from its manifest."""
    known = imported.check(honest, LIMITS)
    assert known.class_names == sealing.NAMES
    assert (known.network, known.image_size, known.fit) == ("mobilenet_v2", 96, "crop")
    assert (known.confidence.threshold, known.gate) == (0.25, (1.5, 3))
    assert known.tested
    assert manifest.of_json(known.to_json(), "again") == known


def test_a_model_answers_as_it_did_elsewhere(honest):
    """Opened where it lies, without conversion: same scores, threshold and gate."""
    model = imported.open_bundle(honest)
    photos = [sealing.png(seed) for seed in range(20, 24)]
    wanted = sealing.answers(photos, sealing.arrays_of_head())
    got = [model.answer(data) for data in photos]
    assert np.abs(np.stack([one.scores for one in got]) - wanted).max() < 1e-6
    assert all(one.distance is not None for one in got)
    assert (model.class_names, model.threshold) == (sealing.NAMES, 0.25)


@given(st.data())
def test_a_changed_byte_anywhere_is_refused(honest, tmp_path_factory, data):
    """Whichever byte it is, in a photo, a header of the zip or the seal itself."""
    content = bytearray(honest.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1), "place")
    content[place] ^= data.draw(st.integers(1, 255), "bits")
    path = tmp_path_factory.mktemp("changed") / "model.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.zip"):
        imported.check(path, LIMITS)


def test_every_byte_of_the_frame_counts(honest, tmp_path):
    """Not one byte of the list of files, its end and the seal can be changed."""
    content, path = honest.read_bytes(), tmp_path / "model.zip"
    for place in range(content.rfind(b"PK\1\2"), len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ModelError):
            imported.check(path, LIMITS)


@given(st.data())
def test_what_was_cut_or_grew_is_refused(honest, tmp_path_factory, data):
    """A part of a bundle, or one with something behind or before it."""
    content = honest.read_bytes()
    cut = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    more = data.draw(st.binary(min_size=1, max_size=20), "more")
    path = tmp_path_factory.mktemp("cut") / "model.zip"
    for changed in (cut, content + more, more + content):
        path.write_bytes(changed)
        with pytest.raises(ModelError):
            imported.check(path, LIMITS)


def test_the_changed_file_is_named(honest, tmp_path):
    """The sentence tells which file of the bundle is another one now."""
    content = honest.read_bytes()
    with zipfile.ZipFile(honest) as archive:
        offsets = {one.filename: one.header_offset for one in archive.infolist()}
    for name in ("model.tflite", "weights.npz", "samples/3.png", "labels.json"):
        place = offsets[name] + 30 + len(name) + 5
        path = tmp_path / "model.zip"
        path.write_bytes(content[:place] + bytes([content[place] ^ 8]) + content[place + 1 :])
        refused(path, f"changed after it was exported: '{name}'")


def test_a_file_that_was_exchanged_and_sealed_anew_is_named(tmp_path):
    """The manifest knows the hash of every file; more and fewer files are told as well."""
    listed = sealing.write(tmp_path / "a.zip", LABELS, FILES)
    with zipfile.ZipFile(listed) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "b.zip"
    refused(
        sealing.write_entries(path, {**entries, "predict.py": b"print()"}),
        "'predict.py' in it was changed",
    )
    refused(
        sealing.write_entries(path, {**entries, "more.py": b"print()"}),
        "'more.py' in it is not in its list",
    )
    del entries["model.keras"]
    refused(sealing.write_entries(path, entries), "'model.keras' in it is missing")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 1}, "earlier imgclf (format 1)"),
        ({"format": 3}, "newer imgclf (format 3"),
        ({"format": "2"}, "'format'"),
        ({"class_names": ["a"]}, "'class_names'"),
        ({"class_names": ["a", "b", "a"]}, "different names"),
        ({"class_names": ["a", "b", "a\u202e"]}, "different names"),
        ({"class_names": ["a", "b", 3]}, "'class_names'"),
        ({"class_names": ["a", "b"]}, "2 names for 3 outputs"),
        ({"class_names": [str(i) for i in range(2000)]}, "2 to 1,000 names"),
        ({"network": "os.system"}, "'network'"),
        ({"network": "scene_network"}, "'image_size'"),
        ({"image_size": [97, 97]}, "'image_size'"),
        ({"image_size": [96, 128]}, "'image_size'"),
        ({"image_size": 10**400}, "'image_size'"),
        ({"fit": ["crop"]}, "'fit'"),
        ({"embedding": 20_000_000}, "'embedding'"),
        ({"embedding": 256}, "'embedding'"),
        ({"backbone": "0" * 64}, "does not come with"),
        ({"backbone": 7}, "'backbone'"),
        ({"backbone": None}, "2 arrays where its network has 262"),
        ({"confidence": {"temperature": 0, "fitted_on": 1, "threshold": 0}}, "temperature"),
        ({"confidence": {"temperature": 1, "fitted_on": 1, "threshold": 1.5}}, "threshold"),
        ({"confidence": None}, "'confidence.'"),
        ({"gate": None}, "do not belong together"),
        ({"gate": {"limit": 0.5, "neighbours": 3}}, "not the one"),
        ({"gate": {"limit": -1, "neighbours": 3}}, "'gate.limit'"),
        ({"test": {"accuracy": 2, "interval": [0, 1], "n": 4}}, "'test.accuracy'"),
        ({"weights": {"source": ["x"]}}, "'weights.source'"),
        ({"name": None}, "'name'"),
    ],
)  # fmt: skip
def test_what_the_manifest_cannot_say(tmp_path, changes, words):
    """Every value that is used has a type and bounds; the sentence names it."""
    lying(tmp_path, words, labels=changes)


def test_labels_that_are_no_labels(tmp_path):
    """Damaged, endless, deep or far too large."""
    for data in (b"{", b"[]", b"3", b"\xff", b'{"format": NaN}', b"[" * 100_000):
        path = sealing.write_entries(tmp_path / "a.zip", {**FILES, "labels.json": data})
        refused(path, "labels.json")
    path = sealing.write_entries(tmp_path / "a.zip", {"labels.json": b" " * 1_100_000 + b"{}"})
    refused(path, "labels.json")
    refused(sealing.write_entries(tmp_path / "a.zip", {"x": b"y"}), "has no 'labels.json'")


def head_with(array: np.ndarray) -> bytes:
    return sealing.numbered([array, sealing.arrays_of_head()[1]])


def test_arrays_of_another_shape_are_refused(tmp_path):
    """Shapes and kinds of numbers are compared with what our network has."""
    kernel = sealing.arrays_of_head()[0]
    for data, words in (
        (head_with(kernel[:-1]), "(1279, 3), its network needs (1280, 3)"),
        (head_with(kernel.T), "(3, 1280)"),
        (head_with(np.full_like(kernel, np.nan)), "finite"),
        (head_with(kernel.astype(np.int64)), "finite"),
        (head_with(kernel.astype("S4")), "plain numbers"),
        (sealing.npz({"one": kernel, "two": kernel[0]}), "its network has 2"),
        (b"PK\5\6" + b"\0" * 18, "its network has 2"),
        (b"", "it is empty"),
        (b"x", "plain numbers"),
    ):
        lying(tmp_path, words, files={"weights.npz": data})


def test_a_header_that_promises_gigabytes_is_refused(tmp_path):
    """What an array shall hold is compared with the bytes that are there, before any room."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1280, 900000000), }\n"
    bomb = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("array_000.npy", bomb)
        archive.writestr("array_001.npy", bomb)
    lying(tmp_path, "has not the size", files={"weights.npz": buffer.getvalue()})


def test_pickled_arrays_are_refused(tmp_path):
    """NumPy's own door to running code stays shut."""
    buffer = io.BytesIO()
    np.savez(buffer, array_000=np.array([print], dtype=object), array_001=np.zeros(3))
    lying(tmp_path, "plain numbers", files={"weights.npz": buffer.getvalue()})


@given(st.binary(max_size=300))
def test_any_bytes_are_arrays_or_a_sentence(data):
    """Whatever stands where arrays should be, nothing else than our error comes out."""
    with pytest.raises(ImgclfError):
        stored_arrays.read(data, "weights.npz", 5, 10_000)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted(LABELS)),
)
def test_any_value_in_the_manifest_is_a_sentence_at_worst(value, key):
    """One value of the manifest is replaced by anything at all."""
    try:
        known = manifest.of_json({**LABELS, "files": {}, key: value}, "model.zip")
    except ModelError as error:
        assert "model.zip" in str(error)
    else:
        json.dumps(known.to_json(), allow_nan=False)


def test_a_gate_of_another_network_is_refused(tmp_path):
    """Its rows must be as long as what the last layer sees, and within bounds."""
    lying(tmp_path, "not the one", files={gate.FILE: sealing.gate_of(256)})
    lying(tmp_path, "do not belong together", files={gate.FILE: None})
    lying(tmp_path, "plain numbers", files={gate.FILE: b"PK"})


def test_samples_must_be_there_and_make_sense(tmp_path):
    """Photos and scores belong together, and scores sum to one."""
    name = "samples/expected.json"
    lying(tmp_path, "do not fit together", files={"samples/5.png": None})
    lying(tmp_path, "damaged", files={name: b"[]"})
    lying(tmp_path, "cannot be", files={name: sealing.expected(np.ones((5, 3)))})
    lying(tmp_path, "cannot be", files={name: sealing.expected(np.full((5, 2), 0.5))})


def test_a_model_that_answers_its_samples_differently_is_refused(tmp_path):
    """Another last layer under an honest seal gives other scores; nothing is kept of it."""
    other = [array + 0.05 * i for i, array in enumerate(sealing.arrays_of_head())]
    other[1][0] += 1
    files = {**FILES, "weights.npz": sealing.numbered(other)}
    path = sealing.write(tmp_path / "other.zip", LABELS, files)
    with pytest.raises(ModelError, match=r"answers its own sample photo 'samples/1\.png' diff"):
        imported.open_bundle(path)
    assert not imported.is_imported(imported.kept_folder(path))
    assert not (imported.kept_folder(path) / runs.CONFIG_FILE).exists()


class Canary:
    """Writes a file as soon as it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_foreign_models_are_told_by_their_content(tmp_path):
    """Whatever they are called, they are named for what they are, and no code of them runs."""
    canary = tmp_path / "canary"
    inside = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": b"x"}
    code = pickle.dumps(Canary(canary))
    kinds = {
        "a Keras model (.keras)": make_zip(tmp_path / "a", inside).read_bytes(),
        "an HDF5 file (.h5)": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "a LiteRT model (.tflite)": b"\x1c\0\0\0TFL3" + bytes(100),
        "a pickle": code,
        "a PyTorch model (.pt)": make_zip(tmp_path / "b", {"m/data.pkl": code}).read_bytes(),
        "a TensorFlow SavedModel": make_zip(
            tmp_path / "c", {"m/saved_model.pb": b"x", "m/keras_metadata.pb": b"x"}
        ).read_bytes(),
        "a safetensors model": (20).to_bytes(8, "little") + b'{"a": 1}',
        "NumPy arrays (.npz)": sealing.numbered(sealing.arrays_of_head()),
        "holds photos": make_zip(tmp_path / "d", {"cats/a.jpg": picture(1)}).read_bytes(),
        "not a model exported from imgclf": b"just a text",
        "an empty file": b"",
    }  # fmt: skip
    for words, data in kinds.items():
        for name in ("model.zip", "model.keras", "Modell.pt"):
            (tmp_path / name).write_bytes(data)
            refused(tmp_path / name, words)
    assert not canary.exists()


def test_bundles_of_the_first_format_say_to_export_again(tmp_path):
    """They carry no seal, so they are not trusted."""
    path = make_zip(tmp_path / "old.zip", {"labels.json": b'{"format": 1}', "model.keras": b"x"})
    refused(path, "format 1")
    path = make_zip(tmp_path / "repacked.zip", {"labels.json": b'{"format": 2}'})
    refused(path, "lost the seal")


def test_names_come_out_safe_and_short(tmp_path):
    """Class names of a stranger are one line of visible letters, never longer than ours are."""
    names = ["../x", "CON\n", "\u202e" + "n" * 500]
    path = sealing.write(tmp_path / "a.zip", {**LABELS, "class_names": names}, FILES)
    known = imported.check(path, LIMITS)
    assert known.class_names[:2] == ("../x", "CON")
    assert len(known.class_names[2]) == 200


def test_shapes_of_every_network_are_known_for_every_size():
    """The last two arrays are the last layer; every network that can be trained is there."""
    assert set(shapes.NETWORKS) == {*networks.FROM_PIXELS, *networks.ON_BACKBONE}
    for name in shapes.NETWORKS:
        for side in networks.image_sizes(name):
            found = shapes.whole(name, side, 7)
            assert found[-2:] == [(shapes.embedding(name), 7), (7,)]


@pytest.mark.slow
def test_shapes_are_those_that_keras_makes():
    """Array by array, in the order of get_weights."""
    from imgclf_core.models import mobilenet_v2, weights

    for name, module in networks.FROM_PIXELS.items():
        for side in module.IMAGE_SIZES[:2]:
            made = [array.shape for array in module.build(side, 7, 0.2, 0).get_weights()]
            assert shapes.whole(name, side, 7) == made
    arrays = weights.arrays_of(weights.SHIPPED_WEIGHTS)
    made = mobilenet_v2.build_network(96, arrays).get_weights()
    assert shapes.whole("mobilenet_v2", 96, 7)[:-2] == [array.shape for array in made]


def test_a_job_brings_a_model_in(honest, tmp_path):
    """It ends as a folder of our own files; the bundle that was spooled is gone."""
    parent = tmp_path / "models"
    folder = imported.new_folder(parent, "My model.zip")
    imported.spool(folder).write_bytes(honest.read_bytes())
    known = imported.begin(folder, imported.spool(folder), "My model.zip", config.SHARED)
    assert imported.models_in(parent)[0].manifest is None
    status = queue.follow(folder)
    assert (status.state, status.message) == (events.DONE, "")
    [found] = imported.models_in(parent)
    assert found.manifest == known
    assert not imported.spool(folder).exists()
    assert not [path for path in folder.rglob("*") if path.suffix in (".py", ".keras", ".tflite")]
    model = imported.open_imported(folder)
    assert model.answer(sealing.png(1)).scores.shape == (3,)
    imported.delete(folder)
    assert imported.models_in(parent) == []


def test_a_folder_without_its_last_file_is_no_model(honest, tmp_path, monkeypatch):
    """Whatever ends the work before its end leaves nothing that could be opened."""
    from imgclf_core.imports import rebuild

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuild, "_check_samples", killed)
    with pytest.raises(KeyboardInterrupt):
        imported.open_bundle(honest)
    folder = imported.kept_folder(honest)
    assert not imported.is_imported(folder)
    with pytest.raises(ModelError, match="not ready"):
        imported.open_imported(folder)


def test_checking_loads_no_heavy_library(honest):
    """The server may check and open a model on the shipped backbone by itself."""
    code = (
        "import sys; from pathlib import Path; from imgclf_core.export import imported; "
        "imported.open_bundle(Path(sys.argv[1])); "
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(honest)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["scratch_cnn", "fine_tuned", "mobilenet_v2"])
def test_a_trained_model_answers_in_an_empty_home_as_at_home(trained, tmp_path, model):
    """Scores, activation map and distance to the training photos; Keras only where it must be."""
    run = trained(model)
    before = predictor.open_run(run)
    after = imported.open_bundle(sealing.of_run(tmp_path / "model.zip", run))
    photo = picture(99)
    old, new = before.answer(photo), after.answer(photo)
    assert np.abs(new.scores - old.scores).max() < 1e-4
    assert (new.distance is None) == (old.distance is None)
    assert new.distance is None or abs(new.distance - old.distance) < 1e-3
    assert after.run(new.image[None]).cam is not None
