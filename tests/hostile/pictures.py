"""Cases 24 to 31: pictures that are broken, far too large, or unlike what a browser shows."""

import numpy as np

from imgclf_core.datasets import photo_files
from imgclf_core.images import decode
from tests.hostile.case import Case
from tests.hostile.visitor import Arrival, Visitor
from tests.images.test_hostile_images import (
    BAD,
    DAMAGED,
    DEEP,
    GOOD,
    ODD,
    SCENE,
    animated,
    cut,
    noisy,
    oriented,
    saved,
)


def among_good(visitor: Visitor, files: dict[str, bytes]) -> Arrival:
    """Brings files in, all named .jpg, beside two good classes."""
    named = {f"red/{name}.jpg": data for name, data in files.items()}
    return visitor.brings_photos({**GOOD, **named}, good=GOOD)


def bad(visitor: Visitor, *names: str) -> str:
    """Pictures that must all be skipped for their own reason; what was said."""
    arrival = among_good(visitor, {name: BAD[name][0] for name in names})
    reasons = dict(arrival.dataset.receipt.skipped)
    wrong = [name for name in names if BAD[name][1] not in reasons.get(f"red/{name}.jpg", "")]
    visitor.holds("each skipped for its own reason", not wrong, wrong)
    return arrival.said


def cut_off(visitor: Visitor) -> str:
    """three in ten photos of a class cut off at 30 %, and a class of such photos only"""
    whole = {f"whole{i}": saved(noisy(60 + i), "JPEG") for i in range(7)}
    files = {f"{name}": data for name, data in whole.items()}
    files |= {f"cut{i}": cut(saved(noisy(60 + i), "JPEG"), 30) for i in range(3)}
    named = {f"red/{name}.jpg": data for name, data in files.items()}
    named |= {f"torn/{i}.jpg": cut(saved(noisy(70 + i), "JPEG"), 30) for i in range(4)}
    arrival = visitor.brings_photos({**GOOD, **named}, good=GOOD)
    left = len(arrival.dataset.photos)
    visitor.holds("the whole ones taken", left == len(GOOD) + len(whole), left)
    visitor.holds("no class without photos", "torn" not in arrival.dataset.class_names)
    return f"{arrival.said} {arrival.problems}"


def bombs(visitor: Visitor) -> str:
    """a PNG of 9400 pixels a side in one bit, and headers that promise up to 65,535"""
    return bad(visitor, "png-one-bit-bomb", "png-header-bomb", "gif-bomb", "tiff-bomb")


def deep(visitor: Visitor) -> str:
    """grey in 12, 16 and 32 bits and in floating point"""
    arrival = among_good(visitor, DEEP)
    means = [
        decode.read_picture(photo_files.read_photo(arrival.dataset, photo)).pixels.mean()
        for photo in arrival.dataset.photos
        if photo.name not in GOOD
    ]
    fine = len(means) == len(DEEP) and all(20 < mean < 235 for mean in means)
    visitor.holds("neither white nor black", fine, means)
    return f"means {min(means):.0f} to {max(means):.0f}"


def colours(visitor: Visitor) -> str:
    """CMYK, a palette with transparency, grey with transparency, one bit"""
    hole = SCENE.convert("P")
    files = {
        "cmyk": saved(SCENE.convert("CMYK"), "JPEG", quality=95),
        "palette": saved(hole, "PNG", transparency=hole.getpixel((40, 30))),
        "grey": saved(SCENE.convert("LA"), "PNG"),
        "clear": ODD["all-transparent"],
        "one-bit": saved(SCENE.convert("1"), "PNG"),
    }
    arrival = among_good(visitor, files)
    pixels = {
        photo.name: decode.read_picture(
            photo_files.read_photo(arrival.dataset, photo)
        ).pixels.astype(int)
        for photo in arrival.dataset.photos
        if photo.name not in GOOD
    }
    visitor.holds("all taken", len(pixels) == len(files), set(pixels))
    plain = np.asarray(SCENE).astype(int)
    off = abs(pixels["red/cmyk.jpg"] - plain).mean()
    visitor.holds("printers' colours are right", off < 12, off)
    visitor.holds("what is transparent is white", pixels["red/clear.jpg"].min() == 255)
    visitor.holds("the hole is white", pixels["red/palette.jpg"][30, 40].min() == 255)
    return f"{len(pixels)} taken, CMYK off by {off:.1f} of 255"


def orientations(visitor: Visitor) -> str:
    """a photo in each of the eight EXIF orientations"""
    arrival = among_good(visitor, {f"turn{i}": oriented("PNG", i) for i in range(1, 9)})
    seen = {
        decode.read_picture(photo_files.read_photo(arrival.dataset, photo)).pixels.tobytes()
        for photo in arrival.dataset.photos
        if photo.name not in GOOD
    }
    visitor.holds("all eight upright and the same", len(seen) == 1, len(seen))
    return "one upright picture"


def odd_metadata(visitor: Visitor) -> str:
    """broken EXIF, an ICC profile of 400 KB, a broken MPO header"""
    files = {name: ODD[name] for name in ("broken-exif", "large-icc")}
    arrival = among_good(visitor, {**files, "bad-mpo": BAD["bad-mpo"][0]})
    visitor.holds("two taken", len(arrival.dataset.photos) == len(GOOD) + 2)
    return arrival.said


def frames(visitor: Visitor) -> str:
    """GIF, WebP and PNG of 500 frames"""
    arrival = among_good(visitor, {kind: animated(kind) for kind in ("GIF", "WEBP", "PNG")})
    visitor.holds("three photos", len(arrival.dataset.photos) == len(GOOD) + 3)
    return arrival.problems + arrival.said


def no_pictures(visitor: Visitor) -> str:
    """SVG, PDF, EPS, a TIFF bomb, a broken HEIC, a video, a web page and a text, named .jpg"""
    return bad(
        visitor,
        "svg",
        "svg-after-xml",
        "pdf",
        "eps",
        "tiff-bomb",
        "heic-broken",
        "video",
        "web-page",
        "text",
    )


CASES = (
    Case(24, "Photos cut off", (DAMAGED, "'red/cut0.jpg'", "'torn/0.jpg'"), cut_off),
    Case(25, "Bombs of pixels", ("too many pixels (9400 x 9400;",), bombs),
    Case(26, "Deep grey", ("means",), deep),
    Case(27, "Other colours", ("5 taken",), colours),
    Case(28, "Eight orientations", ("one upright",), orientations),
    Case(29, "Broken metadata", ("'red/bad-mpo.jpg' was skipped",), odd_metadata),
    Case(30, "Five hundred frames", (), frames),
    Case(
        31,
        "No pictures",
        (
            "an SVG drawing",
            "a PDF file",
            "a PostScript file",
            "a video",
            "a web page",
            "not a picture",
        ),
        no_pictures,
    ),
)
