"""What a chart is made of."""

import json

import altair as alt
import numpy as np
import pytest

from lstm.lessons.runs import Curve
from ui.charts import fitting, layout, named
from ui.training_charts import FEW, overlaid


def legends(part):
    if isinstance(part, list):
        return [one for inner in part for one in legends(inner)]
    if not isinstance(part, dict):
        return []
    return [part["legend"], *legends(list(part.values()))] if part.get("legend") else legends(list(part.values()))


def lines(names, **legend):
    colour = alt.Color("name:N", scale=alt.Scale(domain=names), legend=alt.Legend(title=None, **legend))
    return alt.Chart(named("rows")).mark_line().encode(x="x:Q", y="y:Q", color=colour)


def test_a_legend_above_a_chart_has_the_columns_there_is_room_for():
    before = layout(lines(["a name of 20 letters", "b"], orient="top", columns=2), 100)
    [legend] = legends(fitting(before))
    assert legend["columns"] == {"expr": "clamp(floor((containerSize()[0] - 56 + 0 * width) / 174), 1, 2)"}  # 20 letters of 7 px
    assert legends(before)[0]["columns"] == 2  # the layout is shared, and never written to
    [beside] = legends(fitting(layout(lines(["a", "b"], orient="right"), 100)))
    assert "columns" not in beside


def test_where_pictures_stand_above_each_other_the_room_is_that_of_all():
    both = fitting(alt.vconcat(lines(["a", "b"], orient="top"), lines(["a", "b"], orient="top")).to_dict())
    found = legends([both["vconcat"]])
    assert found and all("containerSize()[0]" in one["columns"]["expr"] for one in found)


def run_curve(values: list[float], every: int = 1) -> Curve:
    steps = np.arange(len(values), dtype=np.float32) * every
    return Curve("loss", "nats", steps, steps / 2, np.array(values, np.float32))


def test_runs_lie_over_each_other_as_lines_and_bands() -> None:
    figure = overlaid({"16": [run_curve([4, 2]), run_curve([6, 0])], "128": [run_curve([3, 1])]}, y="nats")
    rows, bands = figure.rows["rows"], figure.rows["bands"]
    assert dict(zip(rows["curve"], rows["value"])) == {"16": 1.0, "128": 1.0}, (
        "the last values: the mean of 2 and 0, and 1"
    )
    assert bands == {"step": [0.0, 1.0], "low": [4.0, 0.0], "high": [6.0, 2.0], "curve": ["16", "16"]}
    by_second = overlaid({"16": [run_curve([4, 2])]}, "seconds")
    assert by_second.rows["rows"]["step"] == [0.0, 0.5] and "bands" not in by_second.rows
    assert "seconds of training" in str(by_second.layout) and "seconds of training" not in str(figure.layout)
    assert overlaid({"a": [run_curve([4, 0])]}, log=True).rows["rows"]["value"] == [4.0], (
        "0 has no place on a logarithmic axis"
    )
    assert '"point"' in json.dumps(figure.layout), "a curve of one point is seen"
    assert '"point": {"' not in json.dumps(overlaid({"a": [run_curve([1.0] * FEW)]}).layout)
    jumping = overlaid({"a": [run_curve([0, 2] * 40)]}, smooth=True).rows["rows"]["value"]
    assert max(jumping[10:]) - min(jumping[10:]) < 1
    with pytest.raises(ValueError, match="at most 6, got 7"):
        overlaid({str(k): [run_curve([1, 2])] for k in range(7)})


def test_a_layer_without_rows_is_not_drawn_and_a_picture_without_any_is_as_it_was():
    from ui.charts import with_rows

    one, other = {"data": {"name": "a"}, "mark": "line"}, {"data": {"name": "b"}, "mark": "bar"}
    layout = {"vconcat": [{"layer": [one, other]}, {"layer": [other]}]}
    assert with_rows(layout, frozenset()) is layout
    assert with_rows(layout, frozenset("a")) == {"vconcat": [{"layer": [other]}, {"layer": [other]}]}
    assert with_rows(layout, frozenset("ab")) == layout
    assert layout == {"vconcat": [{"layer": [one, other]}, {"layer": [other]}]}  # shared, and never changed


def test_before_the_first_point_a_loss_chart_has_bounds():
    from ui.training_charts import Line, loss_curves

    blank = loss_curves([Line("loss", "train", [], [])], log=False).layout
    found = str(blank)
    assert "'domain': [0, 1]" in found and "'domain': [0.1, 1]" in found
    assert "'domain': [0, 1]" not in str(loss_curves([Line("loss", "train", [1, 2], [0.5, 0.4])]).layout)
