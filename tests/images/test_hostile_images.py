"""Pictures of every kind and every kind of damage, brought in by the public door.

Each is made here, mixed into two good classes of which all photos must arrive. The second half
compares pixels: whatever the format, mode or orientation, the photo looks as its author saw it.
"""

import io
import struct
import time
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import ExifTags, Image

from imgclf_core.config import LIMITS, MEGABYTE, PERSONAL
from imgclf_core.datasets import store
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.errors import ImageError
from imgclf_core.images import decode
from tests.conftest import make_zip, picture, two_classes

GOOD = two_classes(3)
HEIGHT, WIDTH = 48, 64
decode.read_picture(picture(0))  # makes HEIF known to Pillow


def scene() -> np.ndarray:
    """A picture without symmetry: slow ramps and a red block at the top left, uint8 (h, w, 3)."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([columns * 3, rows * 4, (rows + columns) * 2], axis=-1).astype(np.uint8)
    pixels[:16, :16] = (220, 20, 30)
    return pixels


SCENE = Image.fromarray(scene())


def saved(image: Image.Image, kind: str, **options) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noisy(size: int = 200) -> Image.Image:
    """Noise, so that every byte of the file matters."""
    generator = np.random.default_rng(1)
    return Image.fromarray(generator.integers(0, 256, (size, size, 3), dtype=np.uint8))


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG whose header promises a size and whose rows are as given."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def cut(data: bytes, percent: int) -> bytes:
    """The first part of a file."""
    return data[: len(data) * percent // 100]


def with_noise_inside(data: bytes) -> bytes:
    """A file with a few bytes in its middle overwritten."""
    middle = len(data) // 2
    return data[:middle] + bytes(64) + data[middle + 64 :]


def progressive_of_scans(count: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    data = saved(SCENE, "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def tiff_bomb() -> bytes:
    """A TIFF whose header promises 60,000 pixels a side."""
    data = bytearray(saved(Image.new("L", (64, 64)), "TIFF"))
    start = struct.unpack_from("<L", data, 4)[0]
    for at in range(start + 2, start + 2 + 24, 12):
        tag, kind = struct.unpack_from("<HH", data, at)
        if tag in (256, 257):
            struct.pack_into("<HHLL", data, at, tag, 4, 1, 60_000)
    return bytes(data)


def gif_bomb() -> bytes:
    """A GIF whose screen is 65,535 pixels a side."""
    data = bytearray(saved(SCENE, "GIF"))
    struct.pack_into("<HH", data, 6, 65535, 65535)
    return bytes(data)


DAMAGED = "damaged or cut off"
BAD: dict[str, tuple[bytes, str]] = {
    **{
        f"{kind}-cut-at-{share}": (cut(saved(noisy(), kind), share), DAMAGED)
        for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
        for share in (30, 50, 90)
    },
    "png-noise-inside": (with_noise_inside(saved(noisy(), "PNG")), DAMAGED),
    "png-palette-noise-inside": (with_noise_inside(saved(noisy().convert("P"), "PNG")), DAMAGED),
    "png-rows-missing": (png(64, 64, (b"\0" + b"\x70" * 192) * 40), DAMAGED),
    "png-last-row-missing": (png(64, 64, (b"\0" + b"\x70" * 192) * 63), DAMAGED),
    "png-one-bit-bomb": (saved(Image.new("1", (9400, 9400)), "PNG"), "too many pixels (9400 x 94"),
    "png-header-bomb": (png(50_000, 50_000, b"\0"), "too many pixels"),
    "gif-bomb": (gif_bomb(), "too many pixels"),
    "tiff-bomb": (tiff_bomb(), "too many pixels"),
    "bad-mpo": (saved(SCENE, "JPEG", extra=b"\xff\xe2\0\x10MPF\0II*\0\xff\xff\xff\xff"), DAMAGED),
    "jpeg-of-scans": (progressive_of_scans(500), "too many scans"),
    "tiny": (saved(Image.new("RGB", (7, 90)), "PNG"), "too small (7 x 90 pixels)"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    "svg-after-xml": (b'<?xml version="1.0"?>\n<!-- x -->\n<svg/>', "an SVG drawing"),
    "pdf": (b"%PDF-1.7\n", "a PDF file"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript file"),
    "web-page": (b"<!DOCTYPE html><html></html>", "a web page"),
    "zip": (b"PK\3\4" + bytes(99), "a zip file"),
    "heic-broken": (b"\0\0\0\x18ftypheic" + bytes(200), DAMAGED),
    "video": (b"\0\0\0\x18ftypisom" + bytes(200), "a video"),
    "photoshop": (b"8BPS\0\1" + bytes(99), "a Photoshop file"),
    "ppm": (saved(SCENE, "PPM"), "a PNM picture, which we do not read; save it as JPEG or PNG"),
    "ico": (saved(SCENE, "ICO"), "an icon file"),
    "tga": (saved(SCENE, "TGA"), "not a picture in a format we read; save it as JPEG or PNG"),
    "text": (b"hello", "not a picture in a format we read"),
}


def bring_in(tmp_path, reporter, extra: dict[str, bytes]):
    """The data set of two good classes and more files."""
    path = make_zip(tmp_path / "a.zip", {**GOOD, **extra})
    ingestion.run(tmp_path / "set", {"source": str(path)}, reporter)
    return store.load(tmp_path / "set")


def test_every_bad_picture_is_skipped_with_its_reason(tmp_path, reporter):
    """All at once, named .jpg: each is in the receipt, and the good photos are there."""
    extra = {f"red/{case}.jpg": data for case, (data, _) in BAD.items()}
    tracemalloc.start()
    started = time.perf_counter()
    made = bring_in(tmp_path, reporter, extra)
    seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reasons = dict(made.receipt.skipped)
    missing = {
        case: reasons.get(f"red/{case}.jpg", "taken")
        for case, (_, reason) in BAD.items()
        if reason not in reasons.get(f"red/{case}.jpg", "taken")
    }
    assert missing == {}
    assert {photo.name for photo in made.photos} == set(GOOD)
    assert peak < 50 * MEGABYTE
    assert seconds < 10


def test_no_program_is_started_for_a_drawing(monkeypatch):
    """PostScript would be drawn by Ghostscript; it is not even asked."""
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a program was started"))
    with pytest.raises(ImageError, match="a PostScript file"):
        decode.read_picture(BAD["eps"][0] + b"%%EndComments\nshowpage\n%%EOF\n")


def test_a_large_progressive_jpeg_has_the_bound_of_other_formats():
    """It is held whole while it is decoded, at whatever scale; an ordinary one is not."""
    limits = replace(LIMITS[PERSONAL], pixels=WIDTH * HEIGHT - 1)
    assert decode.read_picture(saved(SCENE, "JPEG"), limits=limits).size == (HEIGHT, WIDTH)
    with pytest.raises(ImageError, match="too many pixels"):
        decode.read_picture(saved(SCENE, "JPEG", progressive=True), limits=limits)


def animated(kind: str, frames: int = 500) -> bytes:
    """An animation that begins with the scene."""
    plain = [Image.new("RGB", SCENE.size, (i % 256, 9, 9)) for i in range(frames - 1)]
    return saved(SCENE, kind, save_all=True, append_images=plain)


ODD: dict[str, bytes] = {
    "tiny-8-pixels": saved(Image.new("RGB", (8, 8), "red"), "PNG"),
    "strip": saved(Image.new("RGB", (2000, 8), "red"), "PNG"),
    "all-black": saved(Image.new("RGB", (64, 64)), "PNG"),
    "all-black-interlaced-gif": saved(Image.new("L", (64, 64)), "GIF", interlace=True),
    "all-transparent": saved(Image.new("RGBA", (64, 64)), "PNG"),
    "png-named-jpg": saved(SCENE, "PNG"),
    "broken-exif": saved(SCENE, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "large-icc": saved(SCENE, "JPEG", icc_profile=bytes(400_000)),
    "png-cut-after-its-pixels": saved(noisy(), "PNG")[:-12],
    "gif-cut-after-first-frame": animated("GIF", 20)[:-200],
}


def test_odd_pictures_are_taken(tmp_path, reporter):
    """What is only unusual costs nobody a photo."""
    made = bring_in(tmp_path, reporter, {f"red/{case}.jpg": data for case, data in ODD.items()})
    assert made.receipt.skipped == ()
    names = {photo.name for photo in made.photos}
    assert names == {*GOOD, *(f"red/{case}.jpg" for case in ODD)}


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_five_hundred_frames_give_the_first_in_no_time(kind):
    """Neither counted nor decoded: the first frame is there within a second."""
    data = animated(kind)
    started = time.perf_counter()
    pixels = decode.read_picture(data).pixels
    assert time.perf_counter() - started < 1
    assert difference(pixels, scene()) < 12


def difference(got: np.ndarray, wanted: np.ndarray) -> float:
    """Mean difference a channel, 0 to 255; the shapes must be one."""
    assert got.shape == wanted.shape
    return float(np.abs(got.astype(int) - wanted.astype(int)).mean())


LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "GIF": {}, "WEBP": {"lossless": True}}
ORIENTED = {
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
    "PNG": {},
    "TIFF": {},
    "AVIF": {},
}
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


def oriented(kind: str, orientation: int) -> bytes:
    """The scene as a camera stores it that was held so."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](scene())))
    return saved(stored, kind, exif=exif, **ORIENTED[kind])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ORIENTED)
def test_all_orientations_of_all_formats_give_the_same_upright_photo(kind, orientation):
    """The camera was held in eight ways; the photo is one."""
    got = decode.read_picture(oriented(kind, orientation))
    assert got.size == (HEIGHT, WIDTH)
    assert difference(got.pixels, scene()) < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_every_format_shows_the_same_scene(kind):
    """Within what the format itself loses."""
    got = decode.read_picture(saved(SCENE, kind, **LOSSLESS.get(kind, {"quality": 92})))
    assert difference(got.pixels, scene()) < (12 if kind == "GIF" else 5)


def laid_on_white(alpha: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """What a picture with transparency looks like on paper."""
    share = alpha[..., None] / 255
    return (pixels * share + 255 * (1 - share)).round().astype(np.uint8)


def ramp_of_transparency() -> np.ndarray:
    """Opaque at the left, transparent at the right."""
    return np.tile(np.linspace(255, 0, WIDTH).astype(np.uint8), (HEIGHT, 1))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_is_laid_on_white(kind):
    """Half transparent is half white."""
    image = Image.fromarray(np.dstack([scene(), ramp_of_transparency()]))
    got = decode.read_picture(saved(image, kind, **LOSSLESS[kind]))
    assert difference(got.pixels, laid_on_white(ramp_of_transparency(), scene())) < 1.5


def test_grey_with_transparency_is_laid_on_white():
    """LA is grey on white."""
    grey = np.asarray(SCENE.convert("L"))
    image = Image.merge("LA", [Image.fromarray(grey), Image.fromarray(ramp_of_transparency())])
    wanted = laid_on_white(ramp_of_transparency(), np.dstack([grey] * 3))
    assert difference(decode.read_picture(saved(image, "PNG")).pixels, wanted) < 1.5


@pytest.mark.parametrize(("mode", "hole"), [("P", 0), ("L", 20), ("RGB", (220, 20, 30)), ("1", 0)])
def test_one_transparent_colour_is_white(mode, hole):
    """A colour that a PNG names as transparent (tRNS) is paper."""
    image = SCENE.quantize(16) if mode == "P" else SCENE.convert(mode)
    if mode == "L":
        image = image.point(lambda value: 20 if value < 90 else value)
    pixels = np.asarray(image)
    is_hole = (pixels == hole).all(axis=-1) if pixels.ndim == 3 else pixels == hole
    wanted = np.where(is_hole[..., None], 255, np.asarray(image.convert("RGB")))
    got = decode.read_picture(saved(image, "PNG", transparency=hole)).pixels
    assert is_hole.any()
    assert difference(got, wanted) == 0


@pytest.mark.parametrize("mode", ["1", "L", "P"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_few_colours_stay_what_they_are(mode, kind):
    """One bit, grey and palette give the colours they name."""
    image = SCENE.convert(mode)
    got = decode.read_picture(saved(image, kind)).pixels
    assert difference(got, np.asarray(image.convert("RGB"))) < 1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printers_colours_are_turned_into_light(kind):
    """CMYK, in a JPEG also inverted as Adobe does, shows the same scene."""
    got = decode.read_picture(saved(SCENE.convert("CMYK"), kind)).pixels
    assert difference(got, scene()) < 6


def test_the_other_printers_colours_are_turned_into_light():
    """YCCK: CMYK whose colours are stored as brightness and two differences."""
    cmyk = SCENE.convert("CMYK")
    inks = np.asarray(cmyk)
    inverted = Image.fromarray(255 - inks[..., :3]).convert("YCbCr")
    planes = [*inverted.split(), Image.fromarray(255 - inks[..., 3])]
    data = saved(Image.merge("CMYK", planes), "JPEG", quality=95, subsampling=0)
    data = with_adobe_marker(data, transform=2)
    reference = Image.open(io.BytesIO(data)).convert("RGB")
    got = decode.read_picture(data).pixels
    assert difference(got, np.asarray(reference)) == 0


def with_adobe_marker(data: bytes, transform: int) -> bytes:
    """The JPEG says that Adobe wrote it, with a transform: 2 is YCCK."""
    at = data.index(b"Adobe") + 11
    return data[:at] + bytes([transform]) + data[at + 1 :]


def ramp(low: float, high: float, kind: str) -> np.ndarray:
    """Values from low to high, left to right, as (h, w) of a type."""
    return np.tile(np.linspace(low, high, WIDTH), (HEIGHT, 1)).astype(kind)


DEEP = {
    "16-bit-png": saved(Image.fromarray(ramp(0, 65535, "<u2")), "PNG"),
    "16-bit-tiff-little": saved(Image.fromarray(ramp(0, 65535, "<u2")), "TIFF"),
    "16-bit-tiff-big": saved(
        Image.frombytes("I;16B", (WIDTH, HEIGHT), ramp(0, 65535, ">u2").tobytes()), "TIFF"
    ),
    "12-of-16-bits": saved(Image.fromarray(ramp(0, 4095, "<u2")), "PNG"),
    "32-bit-tiff": saved(Image.fromarray(ramp(0, 2_000_000_000, "<i4")), "TIFF"),
    "negative": saved(Image.fromarray(ramp(-1000, 1000, "<i4")), "TIFF"),
    "floating-0-to-1": saved(Image.fromarray(ramp(0, 1, "<f4")), "TIFF"),
    "floating-large": saved(Image.fromarray(ramp(1e6, 2e6, "<f4")), "TIFF"),
}


@pytest.mark.parametrize("data", DEEP.values(), ids=DEEP)
def test_deep_grey_is_neither_white_nor_black(data):
    """A ramp over whatever range stays a ramp over all of 0 to 255."""
    got = decode.read_picture(data).pixels
    assert 20 < got.mean() < 235
    assert difference(got, np.dstack([ramp(0, 255, "u1")] * 3)) < 1.5


def test_values_that_are_no_numbers_do_not_spoil_the_others():
    """A hole in measured data is dark, and the rest keeps its contrast."""
    values = ramp(1e6, 2e6, "<f4")
    values[3, 3], values[4, 4] = np.nan, np.inf
    got = decode.read_picture(saved(Image.fromarray(values), "TIFF")).pixels
    assert (got[0, 0, 0], got[0, -1, 0], got[3, 3, 0], got[4, 4, 0]) == (0, 255, 0, 0)
