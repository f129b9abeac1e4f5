"""What is wrong with a file that should have been a picture, found cheaply and put in words.

Pillow passes over damage inside a PNG: it fills what is missing with black, or shows noise, and
raises nothing. So the checksums that every PNG carries are compared here; other formats have
none. The pixels themselves are made in `images/decode.py`.
"""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from imgclf_core.errors import ImageError

DAMAGED = "it is damaged or cut off"
_UNKNOWN = "it is not a picture in a format we read; save it as JPEG or PNG"
# A progressive JPEG of millions of tiny scans would be decoded for hours; cameras write ten.
_MOST_SCANS = 100

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
_INFLATED_AT_ONCE = 1 << 18
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column, first row, step of columns and of rows of the seven passes of an interlaced PNG.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)

_NOT_PICTURES = {
    b"%pdf": "a PDF file",
    b"<?xml": "an XML or SVG file",
    b"%!ps": "a PostScript file",
    b"\xc5\xd0\xd3\xc6": "a PostScript file",
    b"pk\x03\x04": "a zip file",
    b"rar!": "a RAR file",
    b"<!doc": "a web page",
    b"<html": "a web page",
}
_OTHER_FORMATS = {
    b"P5\n": "a PNM picture",
    b"P6\n": "a PNM picture",
    b"P5 ": "a PNM picture",
    b"P6 ": "a PNM picture",
    b"P1\n": "a PNM picture",
    b"P2\n": "a PNM picture",
    b"P3\n": "a PNM picture",
    b"P4\n": "a PNM picture",
    b"8BPS": "a Photoshop file",
    b"\0\0\1\0": "an icon file",
    b"SIMPLE  =": "a FITS file",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
}
_OUR_FORMATS = (b"\xff\xd8\xff", _PNG_SIGNATURE, b"GIF8", b"BM", b"II*\0", b"MM\0*")
_OUR_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"avif", b"avis"})


def why_not(data: bytes, error: Exception) -> str:
    """A reason that can follow "skipped because", for bytes that Pillow did not decode."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<!--", b"<?xml")) and b"<svg" in start:
        return "it is an SVG drawing, not a photo"
    for magic, words in _NOT_PICTURES.items():
        if start.startswith(magic):
            return f"it is {words}, not a photo"
    if isinstance(error, Image.DecompressionBombError):
        return "it has too many pixels"
    if isinstance(error, MemoryError):
        return "there is not enough memory to decode it"
    return _unidentified(data) if isinstance(error, Image.UnidentifiedImageError) else DAMAGED


def _unidentified(data: bytes) -> str:
    for magic, words in _OTHER_FORMATS.items():
        if data.startswith(magic):
            return f"it is {words}, which we do not read; save it as JPEG or PNG"
    if data[4:8] == b"ftyp" and data[8:12] not in _OUR_BRANDS:
        return "it is a video, not a photo"
    is_ours = data.startswith(_OUR_FORMATS) or data[4:8] == b"ftyp" or data[8:12] == b"WEBP"
    return DAMAGED if is_ours else _UNKNOWN


def check_before(data: bytes, image: Image.Image) -> None:
    """Checks of an opened picture that cost far less than to decode it.

    Raises:
        ImageError: A checksum of a PNG is wrong, or a JPEG is built to keep us busy.
    """
    if image.format == "PNG":
        for kind, content, checksum in _chunks(data):
            if kind in _PIXEL_CHUNKS and zlib.crc32(content, zlib.crc32(kind)) != checksum:
                raise ImageError(DAMAGED)
    elif image.info.get("progressive") and data.count(b"\xff\xda") > _MOST_SCANS:
        raise ImageError("it is built of too many scans; save it again as an ordinary JPEG")


def check_after(data: bytes, image: Image.Image) -> None:
    """Checks that a decoded PNG has all of its pixels.

    Pillow leaves missing rows black, so only a picture that ends in black is counted again.

    Raises:
        ImageError: Its pixels end early.
    """
    if image.format != "PNG":
        return
    width, height = image.size
    ends = [image.getpixel((width - 1, y)) for y in (height - 1, height - 2)]
    if any(not any(end) if isinstance(end, tuple) else not end for end in ends):
        promised = _promised_bytes(data)
        if _has_fewer(data, promised):
            raise ImageError(DAMAGED)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Kind, content and checksum of the chunks of a PNG; what is cut off is left out."""
    view = memoryview(data)
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data) or kind == b"IEND":
            return
        yield kind, view[at + 8 : end], struct.unpack_from(">I", data, end)[0]
        at = end + 4


def _promised_bytes(data: bytes) -> int:
    """Unpacked bytes that the header of a PNG promises: rows of pixels, a byte before each."""
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * _CHANNELS[colour]
    total = 0
    for column, row, columns, rows in _PASSES if interlaced else ((0, 0, 1, 1),):
        across = -(-max(0, width - column) // columns)
        down = -(-max(0, height - row) // rows)
        total += down * (1 + (across * bits + 7) // 8) if across else 0
    return total


def _has_fewer(data: bytes, promised: int) -> bool:
    """Whether the packed pixels of a PNG unpack to fewer bytes; a bounded number is kept."""
    unpacker = zlib.decompressobj()
    for kind, content, _ in _chunks(data):
        if kind != b"IDAT":
            continue
        rest: bytes | memoryview = content
        while rest and promised > 0 and not unpacker.eof:
            promised -= len(unpacker.decompress(rest, _INFLATED_AT_ONCE))
            rest = unpacker.unconsumed_tail
    return promised > len(unpacker.flush())
