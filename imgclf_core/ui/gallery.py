"""Photos on screen: one component for every place that shows several."""

import os
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.errors import ImgclfError
from imgclf_core.images import decode
from imgclf_core.support import safe_text
from imgclf_core.ui import photo_grid, session
from imgclf_core.ui.photo_grid import Tile

THUMBNAIL_SIDE = 224  # pixels; sharp at the width of a card
PHOTOS_A_PAGE = 24
MOST_THUMBNAILS = 600  # kept in a session, about 5 MB


@dataclass(frozen=True)
class Card:
    """One photo with what is said of it.

    Attributes:
        image: JPEG bytes, or what makes them when the card is shown.
        lines: Lines below it, as they are; escaped here.
        alt: Said aloud by a screen reader.
        key: What the image is kept under while the session lasts; empty for not at all.
    """

    image: bytes | Callable[[], bytes]
    lines: tuple[str, ...]
    alt: str
    key: str = ""


def thumbnail(data: bytes) -> bytes:
    """A square JPEG of a photo, its centre, for a grid.

    Raises:
        ImageError: It cannot be decoded.
    """
    picture = decode.read_picture(data, at_least=THUMBNAIL_SIDE)
    return decode.to_jpeg(decode.fit(picture.pixels, (THUMBNAIL_SIDE, THUMBNAIL_SIDE)))


def photo_card(dataset: Dataset, photo: Photo, *lines: str) -> Card:
    """A card for a photo of a data set."""
    return file_card(dataset, photo.file, photo.name, *lines)


def file_card(dataset: Dataset | None, file: str, name: str, *lines: str) -> Card:
    """A card for a stored file; grey where the data set or the file is gone.

    Args:
        dataset: Where the file lies, or None.
        file: `Photo.file`.
        name: The name it came with.
        lines: Further lines.
    """
    short = name.split("/")[-1]

    def image() -> bytes:
        try:
            return thumbnail(photo_files.read_file(dataset, file, name)) if dataset else blank()
        except ImgclfError:
            return blank()

    key = f"{dataset.folder}/{file}" if dataset else ""
    return Card(image, (short, *lines), ", ".join((short, *lines)), key)


def blank() -> bytes:
    """A grey square, in place of a photo that is gone."""
    return decode.to_jpeg(np.full((THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), 200, np.uint8))


def _images(cards: Sequence[Card]) -> list[bytes]:
    """The images of cards; those to be made are made by a thread a core, and kept."""
    kept: dict[str, bytes] = session.get(session.THUMBNAILS) or {}
    todo = {c.key or str(id(c)): c.image for c in cards if callable(c.image) and c.key not in kept}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        made = dict(zip(todo, pool.map(lambda make: make(), todo.values()), strict=True))
    images = [
        kept.get(c.key) or made[c.key or str(id(c))] if callable(c.image) else c.image
        for c in cards
    ]
    kept = {**kept, **{key: image for key, image in made.items() if "/" in key}}
    session.put(session.THUMBNAILS, dict(list(kept.items())[-MOST_THUMBNAILS:]))
    return images


def show(cards: Sequence[Card], key: str, narrowest: int = 96) -> None:
    """A grid of cards that reflows with the width.

    Args:
        cards: As many as are meant to be seen at once.
        key: Tells one grid from the others.
        narrowest: Least width of a card in pixels.
    """
    names = list(map(str, range(len(cards))))
    photo_grid.show(_tiles(names, cards), f"grid_{key}", "Photos", narrowest)


def pick(
    members: Sequence[int], key: str, card_of: Callable[[int], Card], size: int = PHOTOS_A_PAGE
) -> list[int]:
    """A grid in which photos can be ticked, a page at a time; arguments as of `choose`.

    Returns:
        The positions that are ticked, on whatever page.
    """
    return choose(members, key, card_of, size, opens=False).ticked


@dataclass(frozen=True)
class Chosen:
    """What was done in a gallery: the position opened just now, and all that are ticked."""

    opened: int | None
    ticked: list[int]


def choose(
    members: Sequence[int],
    key: str,
    card_of: Callable[[int], Card],
    size: int = PHOTOS_A_PAGE,
    narrowest: int = 96,
    opens: bool = True,
    id_of: Callable[[int], str] = str,
) -> Chosen:
    """A grid in which photos can be ticked and, with a click, opened, a page at a time.

    Args:
        members: Positions to show.
        key: Tells one grid from the others; what is ticked is kept under it.
        card_of: Makes the card of a position.
        size: Photos a page.
        narrowest: Least width of a card in pixels.
        opens: Whether a click opens a photo.
        id_of: What a tick is kept by; must not be the position where positions may shift.
    """
    round_number, kept = _ticks(key)
    page = page_of(len(members), f"page_{key}", size)
    shown = {id_of(i): i for i in members[page]}
    tiles = _tiles(list(shown), [card_of(i) for i in shown.values()])
    touched = photo_grid.show(
        tiles,
        f"grid_{key}_{round_number}_{page.start}",
        "Photos",
        narrowest,
        kept.intersection(shown),
        opens,
    )
    everywhere = {id_of(i): i for i in members}
    kept = (kept - shown.keys() | touched.ticked) & everywhere.keys()
    _ticks(key, round_number, kept)
    return Chosen(shown.get(touched.opened), sorted(everywhere[name] for name in kept))


def untick(key: str) -> None:
    """Forgets what is ticked in a grid."""
    _ticks(key, _ticks(key)[0] + 1)


def _ticks(
    key: str, round_number: int | None = None, kept: Set[str] = frozenset()
) -> tuple[int, Set[str]]:
    """What is ticked in a grid, kept anew if given; the round names the grid in the browser."""
    every: dict[str, tuple[int, Set[str]]] = session.get(session.TICKED) or {}
    if round_number is not None:
        every = {**every, key: (round_number, kept)}
        session.put(session.TICKED, every)
    return every.get(key, (0, frozenset()))


def _tiles(names: Sequence[str], cards: Sequence[Card]) -> list[Tile]:
    return [
        Tile(
            name,
            image,
            tuple(safe_text.clean(line, longest=80) for line in card.lines),
            safe_text.clean(card.alt, longest=200),
        )
        for name, card, image in zip(names, cards, _images(cards), strict=True)
    ]


def page_of(count: int, key: str, size: int = PHOTOS_A_PAGE) -> slice:
    """Which of `count` photos to show, with a control where they do not fit on one page."""
    pages = max(1, -(-count // size))
    page = st.pagination(pages, key=key) if pages > 1 else 1
    return slice((page - 1) * size, page * size)
