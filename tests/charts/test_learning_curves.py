"""Learning curves as figures."""

from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.analysis.learning_curves import learning_curve
from imgclf_core.analysis.learning_curves.learning_curve import Curves
from imgclf_core.charts import style
from imgclf_core.charts.learning_curves import learning_curve_figure

HOSTILE = "<b>001</b> & %{x}"


def curves_of(names: tuple[str, ...]) -> Curves:
    """Of as many classes as there are names, 20 photos each."""
    count = len(names)
    labels = np.repeat(np.arange(count), 20)
    rows = np.eye(count, 32, dtype=np.float32)[labels]
    rows += np.random.default_rng(0).normal(size=rows.shape).astype(np.float32) / 2
    sides = np.array(["training"] * 14 + ["validation"] * 6)[np.arange(len(labels)) % 20]
    return learning_curve.measure(rows, labels, sides, np.arange(len(labels)), names)


@pytest.fixture(scope="module")
def curves() -> Curves:
    """Of two classes."""
    return curves_of((HOSTILE, "2020"))


def test_one_class_has_its_curve_and_a_band_around_it(curves):
    """Found in percent over the training photos of the class."""
    band, line = learning_curve_figure(curves, "2020").data
    assert list(line.x) == curves.photos_by_class[:, 1].tolist()
    assert list(line.y) == pytest.approx(100 * curves.recall.mean[:, 1])
    assert max(band.y) == pytest.approx(100 * curves.recall.high[:, 1].max())
    assert min(band.y) == pytest.approx(100 * curves.recall.low[:, 1].min())
    assert band.fill == "toself"


def test_all_classes_share_one_figure_the_hardest_eight_of_many():
    """No two lines look the same, and a class without validation photos has none."""
    curves = curves_of(tuple(f"class {k}" for k in range(10)))
    mean = np.tile(np.linspace(0.9, 0.1, 10), (5, 1))
    mean[:, 9] = np.nan
    curves = replace(curves, recall=replace(curves.recall, mean=mean))
    lines = learning_curve_figure(curves, None).data
    assert [line.name for line in lines] == [f"class {k}" for k in range(8, 0, -1)]
    looks = {(line.line.color, line.line.dash) for line in lines}
    assert len(looks) == 8
    assert {line.line.color for line in lines} == set(style.LIGHT.runs)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", [None, HOSTILE])
def test_no_figure_speaks_html_of_a_class_name(curves, name, dark):
    """Tags of strangers are written out and never drawn."""
    text = learning_curve_figure(curves, name, dark).to_json()
    assert "<b>" not in text
    assert "\\u003cb\\u003e" not in text
    assert "001" in text


def test_a_name_is_no_part_of_a_template():
    """A class called %{y} is shown so, and not as the figure of the point."""
    names = ("%{y} and %{customdata}", "other")
    figure = learning_curve_figure(curves_of(names), None)
    assert names[0] in {trace.name for trace in figure.data}
    assert not any("and %{customdata}" in (trace.hovertemplate or "") for trace in figure.data)
