"""Data: photos come in; what is in them and what is wrong with them."""

from imgclf_core.ui import data_page, frame

with frame.page(frame.DATA) as visit:
    if data_page.arriving(visit):
        pass  # nothing else to see until the photos are in
    elif visit.dataset is None:
        data_page.empty(visit)
    else:
        data_page.headline(visit.dataset)
        data_page.tabs(visit)
        data_page.other_photos(visit)
