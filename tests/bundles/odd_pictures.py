"""Pictures of every odd kind that people have, made on the spot."""

import io

import numpy as np
from PIL import Image


def every_kind() -> dict[str, bytes]:
    """Bytes by a name that tells what is odd."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, size=(7, 9, 3), dtype=np.uint8)
    photo = Image.fromarray(coarse).resize((230, 170), Image.Resampling.BICUBIC)
    clear = photo.convert("RGBA")
    clear.putalpha(Image.fromarray(rng.integers(0, 256, size=(170, 230), dtype=np.uint8)))
    deep = rng.integers(0, 4096, size=(40, 50)).astype(np.uint16)
    found = {
        "cmyk.jpg": _saved(photo.convert("CMYK"), "JPEG"),
        "grey.jpg": _saved(photo.convert("L"), "JPEG"),
        "progressive.jpg": _saved(photo, "JPEG", progressive=True),
        "large.jpg": _saved(photo.resize((2300, 1700)), "JPEG"),
        "rgba.png": _saved(clear, "PNG"),
        "la.png": _saved(clear.convert("LA"), "PNG"),
        "palette.png": _saved(photo.convert("P"), "PNG", transparency=3),
        "one bit.png": _saved(photo.convert("1"), "PNG"),
        "16 bit.png": _saved(Image.fromarray(deep), "PNG"),
        "32 bit.tif": _saved(Image.fromarray(deep.astype(np.int32)), "TIFF"),
        "float.tif": _saved(Image.fromarray((deep / 4096).astype(np.float32)), "TIFF"),
        "flat 16 bit.png": _saved(Image.fromarray(np.full_like(deep, 700)), "PNG"),
        "lab.tif": _saved(photo.convert("LAB"), "TIFF"),
        "plain.bmp": _saved(photo, "BMP"),
        "moving.gif": _saved(photo, "GIF", save_all=True, append_images=[photo.rotate(90)]),
        "clear.webp": _saved(clear, "WEBP"),
        "photo.avif": _saved(photo, "AVIF"),
        "photo.heic": _saved(photo, "HEIF"),
        "tiny.png": _saved(photo.resize((9, 8)), "PNG"),
        "long.png": _saved(photo.resize((900, 12)), "PNG"),
        "already.png": _saved(photo.resize((96, 96)), "PNG"),
    }
    for held in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = held
        for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif"), ("WEBP", "webp")):
            found[f"held {held}.{ending}"] = _saved(photo, kind, exif=exif)
    return found


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
