"""Answers for new photos with this model, without the app it was made with.

    pip install -r requirements.txt
    python predict.py photo.jpg holiday-folder --csv answers.csv

In a program of your own:

    from predict import Model
    print(Model(".").answer("photo.jpg"))

It reads `labels.json`, `model.tflite` and `gate.npz` beside it. Photos are made upright, laid over
white where they are transparent, and brought to the square that the network sees, exactly as in
the app. This file goes along as it is and needs nothing of the app.
"""

import argparse
import csv
import io
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
ENDINGS = {
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".heif",
}
NOT_SURE, LOW_SCORE, UNLIKE = "not sure", "low score", "unlike the training photos"
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Model:
    """The model in a folder.

    Args:
        folder: Where this file, `labels.json` and `model.tflite` are.
    """

    def __init__(self, folder="."):
        from ai_edge_litert.interpreter import Interpreter

        folder = Path(folder)
        self.labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        self.class_names = self.labels["class_names"]
        self.threshold = self.labels["confidence"]["threshold"]
        # The interpreter is kept, for its runner does not keep it alive.
        self._interpreter = Interpreter(model_path=str(folder / "model.tflite"))
        self._run = self._interpreter.get_signature_runner()
        gate = folder / "gate.npz"
        self._gate = dict(np.load(gate, allow_pickle=False)) if gate.exists() else None

    def scores(self, photo) -> dict:
        """Score by class, highest first, for the path or the bytes of a photo."""
        found = self.answer(photo)["scores"]
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def answer(self, photo) -> dict:
        """The `answer` (a class, or "not sure"), the `guess`, the `reason` for doubt, `scores`."""
        started = time.perf_counter()
        side = self.labels["image_size"][0]
        pixels = load(photo, side, self.labels["fit"])
        outputs = self._run(image=pixels[None].astype(np.float32))
        scores = outputs["scores"][0]
        guess = self.class_names[int(scores.argmax())]
        doubts = [LOW_SCORE] if scores.max() < self.threshold else []
        if self._gate is not None and self.distance(outputs["embedding"]) > self._gate["limit"]:
            doubts.append(UNLIKE)
        return {
            "answer": NOT_SURE if doubts else guess,
            "guess": guess,
            "reason": "; ".join(doubts),
            "scores": dict(zip(self.class_names, map(float, scores), strict=True)),
            "seconds": time.perf_counter() - started,
        }

    def distance(self, embedding: np.ndarray) -> float:
        """One minus the mean cosine to the most alike training photos, of an embedding (1, D)."""
        gate = self._gate
        seen = np.minimum(embedding[0].astype(np.float32), gate["ceiling"])
        seen = seen / max(float(np.linalg.norm(seen)), 1e-12)
        cosines = gate["rows"].astype(np.float32) @ seen
        return float(np.clip(1 - np.sort(cosines)[-int(gate["neighbours"]) :].mean(), 0, 2))


def load(photo, side: int, fit: str) -> np.ndarray:
    """A photo as the network sees it, uint8 (side, side, 3), of a path or of bytes."""
    _read_heif()
    data = photo if isinstance(photo, bytes) else Path(photo).read_bytes()
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        scale = min(width, height) / (2 * side)
        if scale > 1 and image.format in ("JPEG", "MPO"):  # large ones are decoded smaller
            image.draft("RGB", (int(width / scale), int(height / scale)))
        image.load()
        upright = turned(to_rgb(image), orientation(image))
    size, smooth = (side, side), Image.Resampling.BILINEAR
    if upright.size == size:
        return np.asarray(upright)
    if fit == "crop":
        return np.asarray(ImageOps.fit(upright, size, method=smooth))
    if fit == "pad":
        return np.asarray(ImageOps.pad(upright, size, method=smooth, color=(255, 255, 255)))
    return np.asarray(upright.resize(size, smooth))


def to_rgb(image: Image.Image) -> Image.Image:
    """RGB of 8 bits: transparent parts over white, deep greys by the range they use."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return deep_grey_to_rgb(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def deep_grey_to_rgb(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating grey; Pillow's own conversion would turn them white."""
    with np.errstate(invalid="ignore"):
        values = np.asarray(image, dtype=np.float64)
    known = np.isfinite(values)
    if not known.all():
        values = np.where(known, values, values[known].min() if known.any() else 0)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / (high - low)) if high > low else np.full_like(values, 128)
    return Image.fromarray(scaled.round().astype(np.uint8)).convert("RGB")


def orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; broken notes count as upright."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
        OverflowError,
        ZeroDivisionError,
        RuntimeError,
    ):
        return 1
    return value if value in range(1, 9) else 1


def turned(image: Image.Image, held: int) -> Image.Image:
    return image.transpose(TURNS[held]) if held in TURNS else image


def _read_heif() -> None:
    """HEIC needs one more library; without it only such photos are skipped."""
    if "HEIF" in Image.OPEN:
        return
    try:
        import pillow_heif
    except ImportError:
        return
    pillow_heif.register_heif_opener()


def photos_in(paths):
    """Files that look like photos, folders searched through."""
    for path in map(Path, paths):
        if path.is_dir():
            for folder, _, names in sorted(os.walk(path)):
                for name in sorted(names):
                    if Path(name).suffix.lower() in ENDINGS and not name.startswith("."):
                        yield Path(folder) / name
        else:
            yield path


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text


def plain(text) -> str:
    """Text without the signs that steer a terminal, which names of files may hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))


def main() -> int:
    parser = argparse.ArgumentParser(description="Answers for new photos.")
    parser.add_argument("photos", nargs="+", metavar="PHOTO_OR_FOLDER")
    parser.add_argument("--csv", metavar="FILE", help="also write a table of all scores")
    options = parser.parse_args()
    model, rows, failed = Model(Path(__file__).parent), [], 0
    for path in photos_in(options.photos):
        try:
            found = model.answer(path)
        except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the rest goes on
            print(plain(f"{path} was skipped: {error}"), file=sys.stderr)
            failed += 1
            continue
        why = f" ({found['reason']})" if found["reason"] else ""
        print(f"{plain(path)}\nAnswer: {plain(found['answer'])}{why}")
        print(f"Evaluation time (1-image): {found['seconds']:.3f}s")
        for name, score in sorted(found["scores"].items(), key=lambda pair: -pair[1]):
            print(f"{plain(name)} (score={score:.5f})")
        scores = list(found["scores"].values())
        rows.append(
            [
                cell(str(path)),
                cell(found["answer"]),
                f"{max(scores):.6f}",
                *(f"{score:.6f}" for score in scores),
                cell(found["guess"]),
                found["reason"],
            ]
        )
    if options.csv:
        with open(options.csv, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            names = [cell(name) for name in model.class_names]
            table.writerow(["file", "answer", "score", *names, "guess", "reason"])
            table.writerows(rows)
    return 1 if failed and not rows else 0


if __name__ == "__main__":
    sys.exit(main())
