"""`compare-keras`: the same network through the lab and through Keras, and the differences as a table."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  python -m lstm compare-keras --task digits --steps 50
  python -m lstm compare-keras --task sine --precision float64 --optimizer rmsprop
  python -m lstm compare-keras --task all --optimizer all --no-speed"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    from lstm.lessons.keras.experiment import KerasVsScratch
    from lstm.lessons.keras.tasks import TASKS
    from lstm.optimizers import OPTIMIZERS

    from ..parsing import add_settings

    about = (
        "Train one network with the lab and with Keras on JAX at once, on the same weights and batches, and print how far "
        "they differ and how fast they are. Times are medians of steps taken in turn. Needs Keras."
    )
    parser = commands.add_parser("compare-keras", help="the same network in Keras", description=about, epilog=EXAMPLES)
    what = ", ".join(TASKS)
    parser.add_argument("--task", default="digits8", metavar="TASK", help=f"{what}, or all (default: digits8)")
    parser.add_argument(
        "--optimizer", default="adam", metavar="NAME", help=f"{', '.join(OPTIMIZERS)}, or all (default: adam)"
    )
    add_settings(parser, KerasVsScratch, leave_out=("task", "optimizer"))
    parser.add_argument("--no-speed", action="store_true", help="leave out the timing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, and print a row for each task and optimizer."""
    from lstm.datasets import is_cached
    from lstm.lessons import drain
    from lstm.lessons.keras.experiment import KerasVsScratch
    from lstm.lessons.keras.tasks import TASKS
    from lstm.optimizers import OPTIMIZERS

    from ..parsing import chosen
    from ..terminal import Line, figure

    task = {"digits": "digits8"}.get(options.task, options.task)
    tasks = [name for name in TASKS if name != "mnist" or is_cached("mnist")] if task == "all" else [task]
    optimizers = list(OPTIMIZERS) if options.optimizer == "all" else [options.optimizer]
    given = {k: v for k, v in chosen(options, KerasVsScratch).items() if k not in ("task", "optimizer")}
    configs = [
        KerasVsScratch(task=one, optimizer=optimizer, speed=not options.no_speed, **given)
        for one in tasks
        for optimizer in optimizers
    ]
    line = Line()
    print(
        f"{'task':<11}{'optimizer':<10}{'dtype':<9}{'outputs,':>10}{'gradients,':>12}{'weights,':>10}{'loss,':>10}"
        f"{'ms':>9}{'ms':>9}{'ratio':>7}{'compile':>9}{'MB':>6}{'MB':>6}\n"
        f"{'':<11}{'':<10}{'':<9}{'step 1':>10}{'step 1':>12}{'last':>10}{'last':>10}"
        f"{'lab':>9}{'Keras':>9}{'':>7}{'ms':>9}{'lab':>6}{'Keras':>6}",
        flush=True,
    )
    for config in configs:

        def show(progress, config=config) -> None:
            if line.due():
                line.show(progress.fraction, f"{config.task}, {config.optimizer}")

        result = drain(config.run(), show)
        line.clear()
        m, speed, peak = result.metrics, result.details["speed"], result.details["peak_bytes"]
        times = f"{'':>9}{'':>9}{'':>7}{'':>9}"
        if speed:
            times = f"{speed['ms']:>9.2f}{speed['keras_ms']:>9.2f}{m['speed ratio']:>7.2f}{speed['compile_ms']:>9.0f}"
        memory = "".join(f"{peak[kind] / 2**20:>6.0f}" if peak[kind] else f"{'':>6}" for kind in ("lab", "keras"))
        print(
            f"{config.task:<11}{config.optimizer:<10}{config.dtype:<9}{m['first output gap']:>10.1e}"
            f"{m['first gradient gap']:>12.1e}{m['last weight gap']:>10.1e}{m['last loss gap']:>10.1e}{times}{memory}",
            flush=True,
        )
        if result.problem:
            print(result.problem)
    print("gaps: the largest differences; gradients and losses relative, outputs and weights absolute")
    print(figure("last loss gap", m["last loss gap"]) if m["last loss gap"] > 1e-4 else f"last loss gap {m['last loss gap']:.1e}")
    return 0
