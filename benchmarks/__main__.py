"""`python -m benchmarks`: measure, print, and save. `--help` lists the parts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from . import compare, lab, report
from .contenders import CONTENDERS, installed
from .shapes import SHAPES

PARTS = ("speed", "quality", "two-layers", "writing", "memory", "products", "growth", "import")


def main(argv: list[str] | None = None) -> int:
    """Run the chosen parts. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which parts, all by default: {', '.join(PARTS)}")
    parser.add_argument("--shapes", default=",".join(SHAPES), help="comma-separated; by default all")
    parser.add_argument("--contenders", default=",".join(installed()), help="comma-separated; by default all that are installed")
    parser.add_argument("--threads", default="1,default", help='"1", "default" or "1,default"')
    parser.add_argument("--rounds", type=int, default=20, help="timed rounds a shape (20)")
    parser.add_argument("--seconds", type=float, default=15.0, help="training budget of the part quality (15)")
    parser.add_argument("--out", type=Path, help="folder for results.json and speed.svg; without it nothing is saved")
    args = parser.parse_args(argv)
    try:
        parts = compare.check_names(args.parts or list(PARTS), dict.fromkeys(PARTS), "parts")
        shapes = compare.check_names(args.shapes.split(","), SHAPES, "shapes")
        contenders = compare.check_names(args.contenders.split(","), CONTENDERS, "contenders")
        if missing := [name for name in contenders if name not in installed()]:
            raise ValueError(f"contenders: {', '.join(missing)} needs what benchmarks/requirements.txt names")
        threads = [{"1": 1, "default": 0}[t] for t in compare.check_names(args.threads.split(","), {"1": 1, "default": 0}, "threads")]
        if args.rounds < 1:
            raise ValueError(f"rounds must be at least 1, got {args.rounds}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2

    results: dict[str, Any] = {"machine": report.machine()}
    print("  ".join(f"{key}: {value}" for key, value in results["machine"].items()))
    if "speed" in parts:
        print("\nA training step; × is the time divided by the lab's")
        results["speed"] = [row for t in threads for row in compare.speed(shapes, contenders, t, args.rounds)]
    if "quality" in parts:
        results["quality"] = lab.time_to_quality(args.seconds)
        print(f"\nTiny Shakespeare, {args.seconds:g} s of training (goal {lab.QUALITY}): {_line(results['quality'])}")
    if "two-layers" in parts:
        results["two layers"] = lab.two_layer_speed()
        print(f"\nTraining 2 × LSTM(100), 25 steps, batch 32: {_line(results['two layers'])}")
    if "writing" in parts:
        results["writing"] = lab.writing_speed()
        print(f"\nWriting at 128 units: {_line(results['writing'])}")
    if "memory" in parts:
        results["memory"] = compare.memory("reviews", contenders)
        print("\nPeak memory of the reviews step: " + ", ".join(f"{k} {v / 2**20:.0f} MB" for k, v in results["memory"].items()))
    if "products" in parts:
        results["products"] = {name: lab.matrix_share(SHAPES[name]) for name in shapes}
        print("\nShare of a step in matrix products: " + ", ".join(f"{k} {v:.0%}" for k, v in results["products"].items()))
    if "growth" in parts:
        results["growth"] = lab.growth()
        for what, found in results["growth"].items():
            sizes = ", ".join(f"{size}: {ms:.2f} ms" for size, ms in zip(found["sizes"], found["ms"]))
            print(f"\nTime over {what}: {sizes}; exponent {found['exponent']:.2f}")
    if "import" in parts:
        results["import"] = lab.import_time()
        print(f"\nImport: {_line(results['import'])} (seconds, NumPy included)")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        report.save_json(results, args.out / "results.json")
        if "speed" in results:
            report.save_chart(results["speed"], args.out / "speed.svg")
        print(f"\nsaved in {args.out}")
    return 0


def _line(figures: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value:,.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
