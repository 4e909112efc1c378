"""What a chart is made of."""

import altair as alt

from ui.charts import fitting, layout, named


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
    assert legend["columns"] == {"expr": "clamp(floor(width / 174), 1, 2)"}  # 20 letters of 7 px and the symbol
    assert legends(before)[0]["columns"] == 2  # the layout is shared, and never written to
    [beside] = legends(fitting(layout(lines(["a", "b"], orient="right"), 100)))
    assert "columns" not in beside


def test_where_pictures_stand_above_each_other_the_room_is_that_of_all():
    both = fitting(alt.vconcat(lines(["a", "b"], orient="top"), lines(["a", "b"], orient="top")).to_dict())
    found = legends([both["vconcat"]])
    assert found and all("containerSize()[0]" in one["columns"]["expr"] for one in found)
