"""What a benchmark run leaves: a JSON file, a chart as SVG, and the lines for the terminal."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from .contenders import TITLES


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor() or "unknown processor"
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def save_json(results: dict[str, Any], path: Path) -> None:
    """Write everything that was measured."""
    path.write_text(json.dumps(results, indent=1) + "\n")


def save_chart(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the time of a training step relative to the lab's, by shape and contender."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(rows)
    frame["contender"] = frame["contender"].map(TITLES)
    frame["threads"] = frame["threads"].map(lambda t: "one thread" if t == 1 else "default threads")
    bars = alt.Chart(frame).mark_bar().encode(
        x=alt.X("ratio_to_lab:Q", title="time of a training step, the lab's = 1"),
        y=alt.Y("contender:N", title=None, sort=list(TITLES.values())),
        color=alt.Color("contender:N", legend=None, scale=alt.Scale(range=["#0072b2", "#999999", "#d55e00"], domain=list(TITLES.values()))),
    )  # fmt: skip
    text = bars.mark_text(align="left", dx=3).encode(text=alt.Text("label:N"), color=alt.value("#333333"))
    frame["label"] = frame.apply(lambda row: f"{row['ratio_to_lab']:.2f}  ({row['median_ms']:.3g} ms)", axis=1)
    chart = alt.layer(bars, text, data=frame).properties(width=260, height=58)
    order = list(dict.fromkeys(frame["shape"]))
    chart = chart.facet(
        row=alt.Row("shape:N", title=None, sort=order, header=alt.Header(labelAngle=0, labelAlign="left")),
        column=alt.Column("threads:N", title=None, sort=["one thread", "default threads"]),
    )
    chart.properties(title="A training step in three systems").save(str(path))
    path.write_text(path.read_text().rstrip("\n") + "\n")
