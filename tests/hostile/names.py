"""Case 32: names that mean something to a browser, a spreadsheet, a chart or a file system."""

import csv
import io

from imgclf_core.support import safe_text
from tests.conftest import picture, two_classes
from tests.hostile.case import Case
from tests.hostile.visitor import Visitor

NAMES = (
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](http://evil.example/p.png)",
    "=cmd|'/c calc'!A1",
    "\u202egpj.exe",
    "x" * 300,
    "nan",
    "001",
    "2020-01-01",
    ":red[x] $x^2$ :material/home:",
    "%{y}",
)
_LIVE = ("<img src=x", "](javascript:", "![](http", "\u202e", ":red[x]", "$x^2$")


def strange_names(visitor: Visitor) -> str:
    """classes with markup, formulas, Markdown, 300 letters, "nan", "001", a date, U+202E"""
    rows = [("file", "class")]
    entries, names = {}, {}
    for number, name in enumerate(NAMES):
        folder = f"{number:02d}"
        for i in range(3):
            entries[f"{folder}/{i}.jpg"] = picture(50 * number + i, tint=number % 3)
        names[folder] = name
    arrival = visitor.brings_photos({**two_classes(3), **renamed(entries, names)})
    dataset = arrival.dataset
    visitor.workspace.remember(dataset=dataset.id)
    shown = safe_text.markdown(" ".join(dataset.class_names), longest=5000)
    visitor.holds("no markup is live in Markdown", not live(shown), live(shown))
    app = visitor.page("Data")
    drawn = [one.value for kind in (app.markdown, app.caption, app.error, app.info) for one in kind]
    visitor.holds("none on the page", not live(" ".join(drawn)), live(" ".join(drawn)))
    rows += [("1.jpg", safe_text.csv_cell(name)) for name in dataset.class_names]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    cells = [row[1] for row in csv.reader(io.StringIO(text.getvalue()))]
    formulas = [cell for cell in cells if cell[:1] in "=+-@\t\r"]
    visitor.holds("no cell is a formula", not formulas, formulas)
    visitor.holds("'001' stays '001'", "001" in dataset.class_names)
    return f"{len(dataset.class_names)} classes, their names as they are: {arrival.said}"


def renamed(entries: dict[str, bytes], names: dict[str, str]) -> dict[str, bytes]:
    """The same photos in folders of other names; a slash would be a folder of its own."""
    return {
        f"{names[path.split('/')[0]].replace('/', chr(0x2215))}/{path.split('/')[1]}": data
        for path, data in entries.items()
    }


def live(text: str) -> list[str]:
    """What of the names would be more than letters in this Markdown."""
    return [one for one in _LIVE if one in text]


CASES = (
    Case(
        32,
        "Names that mean something",
        ("classes",),
        strange_names,
        ("tests/support/test_safe_text.py", "tests/pages/test_classify_page.py"),
    ),
)
