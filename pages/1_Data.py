"""Data: photos come in; what is in them and what is wrong with them."""

from imgclf_core.ui import frame
from imgclf_core.ui.data import arriving, changing, headline, tabs

with frame.page(frame.DATA) as visit:
    found = arriving.collect(visit)
    arriving.failures(visit, found)
    if found.coming:
        arriving.coming(found)
    elif visit.dataset is None:
        arriving.empty(visit)
    else:
        problems = tabs.find_problems(visit)
        headline.headline(visit, problems)
        headline.nested_question(visit.dataset)
        arriving.adding(found)
        changing.undo_and_redo(visit.dataset)
        tabs.tabs(visit, problems)
        arriving.more_photos(visit, visit.dataset)
