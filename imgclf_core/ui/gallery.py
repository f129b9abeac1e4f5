"""Photos on screen: one component for every place that shows several."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgclf_core import naming
from imgclf_core.data import decode
from imgclf_core.data.dataset import Dataset, Photo
from imgclf_core.errors import ImgclfError
from imgclf_core.ui import state

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
            return thumbnail(dataset.read_file(file, name)) if dataset else _blank()
        except ImgclfError:
            return _blank()

    key = f"{dataset.folder}/{file}" if dataset else ""
    return Card(image, (short, *lines), ", ".join((short, *lines)), key)


def _blank() -> bytes:
    return decode.to_jpeg(np.full((THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), 200, np.uint8))


def _images(cards: Sequence[Card]) -> list[bytes]:
    """The images of cards; those to be made are made by a thread a core, and kept."""
    kept: dict[str, bytes] = state.get(state.THUMBNAILS) or {}
    todo = {c.key or str(id(c)): c.image for c in cards if callable(c.image) and c.key not in kept}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        made = dict(zip(todo, pool.map(lambda make: make(), todo.values()), strict=True))
    images = [
        kept.get(c.key) or made[c.key or str(id(c))] if callable(c.image) else c.image
        for c in cards
    ]
    kept = {**kept, **{key: image for key, image in made.items() if "/" in key}}
    state.put(state.THUMBNAILS, dict(list(kept.items())[-MOST_THUMBNAILS:]))
    return images


def show(cards: Sequence[Card], columns: int = 8, narrowest: int = 84) -> None:
    """A grid of cards that reflows with the width.

    Args:
        cards: As many as are meant to be seen at once.
        columns: Cards in a row where there is room.
        narrowest: Least width of a card in pixels.
    """
    with st.grid(columns, min_column_width=narrowest):
        for card, image in zip(cards, _images(cards), strict=True):
            with st.container(gap="xsmall"):
                st.image(image, width="stretch", alt=card.alt)
                for line in card.lines:
                    st.caption(naming.markdown(naming.clean(line, longest=40)))


def pick(
    members: Sequence[int], key: str, card_of: Callable[[int], Card], size: int = PHOTOS_A_PAGE
) -> list[int]:
    """A grid with a box below each photo, a page at a time.

    Args:
        members: Positions to show.
        key: Tells one grid from the others; what is ticked is kept under it.
        card_of: Makes the card of a position.
        size: Photos a page.

    Returns:
        The positions that are ticked, on whatever page.
    """
    ticked: set[int] = st.session_state.setdefault(f"ticked_{key}", set())
    shown = members[page_of(len(members), f"page_{key}", size)]
    with st.grid(8, min_column_width=84):
        cards = [card_of(i) for i in shown]
        for i, card, image in zip(shown, cards, _images(cards), strict=True):
            with st.container(gap="xsmall"):
                st.image(image, width="stretch", alt=card.alt)
                label = naming.markdown(naming.clean(card.lines[0], longest=24))
                if st.checkbox(label, i in ticked, key=f"tick_{key}_{i}"):
                    ticked.add(i)
                else:
                    ticked.discard(i)
                for line in card.lines[1:]:
                    st.caption(naming.markdown(naming.clean(line, longest=40)))
    return sorted(ticked)


def page_of(count: int, key: str, size: int = PHOTOS_A_PAGE) -> slice:
    """Which of `count` photos to show, with a control where they do not fit on one page."""
    pages = max(1, -(-count // size))
    page = st.pagination(pages, key=key) if pages > 1 else 1
    return slice((page - 1) * size, page * size)
