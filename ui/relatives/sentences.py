"""What the page says of its numbers: every sentence with a cause or a comparison is built here, from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lstm.lessons.relatives.tasks import CELLS
from lstm.lessons.relatives.why import Flips, Straight

SETS: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "parity": (
        ("All that learn to keep a state: LSTM, GRU and SimpleRNN", frozenset({"lstm", "gru", "simple_rnn"})),
        ("LSTM and GRU alone", frozenset({"lstm", "gru"})),
        ("Attention, which sees all symbols at once", frozenset({"attention"})),
        ("All five: it is only counting", frozenset(CELLS)),
    ),
    "recall": (
        ("All five: nothing happens in between", frozenset(CELLS)),
        ("All but the SimpleRNN", frozenset(CELLS) - {"simple_rnn"}),
        ("All but minLSTM", frozenset(CELLS) - {"min_lstm"}),
        ("LSTM and GRU alone", frozenset({"lstm", "gru"})),
    ),
}
"""What may be guessed before each race: the words, and the cells that are meant."""
ANOTHER = "Another set of them"


def listed(cells: Iterable[str]) -> str:
    """Cells as words, in the order of `CELLS`."""
    names = [CELLS[cell] for cell in CELLS if cell in set(cells)]
    return "nobody" if not names else names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def options(task: str) -> list[str]:
    """What may be answered."""
    return [words for words, _ in SETS[task]] + [ANOTHER]


def answer(task: str, solvers: frozenset[str]) -> int:
    """Which of `options` is right."""
    return next((k for k, (_, cells) in enumerate(SETS[task]) if cells == solvers), len(SETS[task]))


def explanation(task: str, chosen: str, solvers: frozenset[str], at: Mapping[str, float], length: int, chance: float) -> str:
    """What came out, and what was wrong with the choice: each wrong one has its own answer, from the numbers."""
    meant = dict(SETS[task]).get(chosen)
    said = f"At {length} symbols {listed(solvers)} {'is' if len(solvers) == 1 else 'are'} right at least nine times out of ten."
    if meant is None:
        named = next((words for words, cells in SETS[task] if cells == solvers), None)
        return said + (f" That is one of the sets above: “{named}”." if named else " None of the sets above is that one.")
    parts = [said]
    if failing := [cell for cell in CELLS if cell in meant - solvers]:
        parts.append(f"You trusted {_with(failing, at)}; guessing has {chance:.0%}.")
    if overlooked := [cell for cell in CELLS if cell in solvers - meant]:
        parts.append(f"You did not expect {_with(overlooked, at)}.")
    return " ".join(parts)


HELD = ("As much as guessing", "More than guessing, less than nine in ten", "Nine in ten or more")
"""What may be answered about a network with a gate held."""
BARELY = 0.05
"""So near to guessing a share of right answers counts as guessing."""


def held_answer(share: float, chance: float) -> int:
    """Which of `HELD` a share of right answers is."""
    return 2 if share >= 0.9 else int(share > chance + BARELY)


def of_held(share: float, own: float) -> str:
    """The share of right answers with a gate held, going on from "With its forget gate f at 0 "."""
    return f"**{share:.1%}** of its answers are right, instead of **{own:.1%}**."


def _with(cells: Sequence[str], at: Mapping[str, float]) -> str:
    return ", ".join(f"{CELLS[cell]} ({at[cell]:.0%})" for cell in cells)


def at_a_length(at: Mapping[str, float], length: int, trained: int) -> str:
    """The figures at the slider's length in a line. Markdown."""
    times = length / trained
    where = "inside the training range" if length <= trained else f"{times:.1f} times the longest training sequence"
    return f"At **{length}** symbols, {where}: " + " · ".join(f"{CELLS[cell]} **{value:.0%}**" for cell, value in at.items())


def where_wrong(truth: Sequence[int], odd: Mapping[str, Sequence[float]]) -> list[str]:
    """For each network where it goes wrong first, and how often, in Markdown."""
    said = []
    for cell, values in odd.items():
        wrong = [k for k, (right, value) in enumerate(zip(truth, values), 1) if int(value > 0.5) != right]
        if not wrong:
            said.append(f"**{CELLS[cell]}**: right after every symbol.")
        else:
            said.append(f"**{CELLS[cell]}**: wrong {len(wrong)} of {len(truth)} times, first after symbol {wrong[0]}.")
    return said


def of_flips(cell: str, found: Flips) -> str:
    """What the counting unit of a recurrent network does. Markdown."""
    text = (
        f"Unit {found.unit} of the {CELLS[cell]} changes the sign of its h at **{found.flips:.0%}** of the ones and keeps it at "
        f"**{found.holds:.0%}** of the zeros; its sign tells odd from even **{found.agreement:.0%}** of the time."
    )
    if found.agreement >= 0.9:
        return text + " That is a switch, and a gate that sees h can build one: what a 1 does depends on how the switch stands."
    return text + " No single unit is the switch here: the network keeps it in several units together."


def of_straight(found: Straight) -> str:
    """What a minLSTM does with two pasts that differ. Markdown."""
    low, high = float(found.kept.min()), float(found.kept.max())
    before, after = found.gap
    text = (
        f"Every unit of the minLSTM multiplies its h by a number between **{low:.2f}** and **{high:.2f}**, and the symbol alone "
        f"decides which. Two pasts, one with a 1 more than the other, read the same symbols: in **{found.turned:.1%}** of the "
        f"steps did any unit's two values change places. "
    )
    shrinks = before > 0 and after < before
    return text + (
        f"The distance between the two states falls from {before:.2f} to {after:.1g}: what was odd or even is forgotten, not turned over."
        if shrinks else f"The distance between the two states goes from {before:.2f} to {after:.2g}."
    )  # fmt: skip


def of_powers(time: Mapping[str, float], memory: Mapping[str, float]) -> str:
    """How time and memory grow, from the fitted exponents. Markdown."""
    steepest = max(memory, key=lambda cell: memory[cell])
    parts = [f"{CELLS[cell]} time × {2 ** time[cell]:.1f}, memory × {2 ** memory[cell]:.1f}" for cell in CELLS if cell in time]
    return (
        "Twice the length costs, as measured from 200 symbols on: " + "; ".join(parts) +
        f". Memory grows fastest for {CELLS[steepest]}, with the length to the power of {memory[steepest]:.1f}."
    )  # fmt: skip


def fastest(rows: Mapping[str, Mapping[str, float]], guess: str | None) -> str:
    """Whose step was fastest at the longest length, and by how much it beats the one that was guessed. Markdown."""
    order = sorted(rows, key=lambda cell: rows[cell]["ms"])
    first, last = order[0], order[-1]
    text = (
        f"At {rows[first]['length']:,} symbols a step of {CELLS[first]} took **{rows[first]['ms']:.1f} ms**, the fastest; "
        f"{CELLS[last]} {rows[last]['ms']:.1f} ms, the slowest."
    )
    if guess is None or guess not in CELLS.values():
        return text
    chosen = next(cell for cell, name in CELLS.items() if name == guess)
    if chosen == first:
        return f"**Right.** {text}"
    times = rows[chosen]["ms"] / rows[first]["ms"]
    return f"**Not quite.** {text} You said {guess}: {rows[chosen]['ms']:.1f} ms, {times:.1f} times as long."


def good_for(parity: Mapping[str, float], recall: Mapping[str, float], length: tuple[int, int], parameters: Mapping[str, int]) -> str:
    """What each is good for, with the page's numbers. Markdown."""
    far_parity, far_recall = length

    def at(cell: str) -> str:
        return f"{parity[cell]:.0%} on parity at {far_parity}, {recall[cell]:.0%} on recall at {far_recall}"

    return "\n".join(
        [
            f"- **LSTM** ({at('lstm')}): a state of fixed size that each symbol can switch, and two states, one kept and one "
            "shown. Streams, sensors, small data, small machines: what is read is forgotten or kept, and never read again.",
            f"- **GRU** ({at('gru')}): the same with one state and {parameters['gru'] / parameters['lstm']:.0%} of the LSTM's "
            "parameters here. Where both learn a task, take the smaller.",
            f"- **minLSTM** ({at('min_lstm')}): all steps at once in training, one small step at a time when it writes, "
            f"{parameters['min_lstm'] / parameters['lstm']:.0%} of the LSTM's parameters here. In practice it is stacked many layers deep.",
            f"- **Attention** ({at('attention')}): looks anything up that it has read. It trains in parallel over long texts, "
            "and that won language. What it pays: memory for every pair of steps, and positions that it was never trained on.",
            f"- **SimpleRNN** ({at('simple_rnn')}): the smallest that can switch a state; how far back it learns to remember is "
            "a matter of luck with its weights.",
        ]
    )  # fmt: skip


def obsolete(parity: Mapping[str, float], far: int, trained: int, chance: float) -> str:
    """An answer to "are LSTMs obsolete?", from the networks on show. Markdown."""
    beaten = [cell for cell in ("attention", "min_lstm") if parity[cell] < parity["lstm"]]
    head = (
        "For language models, yes: attention and scans train on all symbols of a long text at once, an LSTM one after the other. "
    )
    if not beaten or parity["lstm"] < 0.9:
        return head + f"On parity at {far} symbols the LSTM on show has {parity['lstm']:.0%}: here it proves nothing."
    return head + (
        f"As a machine with a state, no: trained on {trained} symbols, the LSTM here is right {parity['lstm']:.0%} of the time at "
        f"{far}, {far / trained:.0f} times as far, where {_with(beaten, parity)} {'is' if len(beaten) == 1 else 'are'} near the "
        f"{chance:.0%} of guessing. This holds for what these were given, one layer and a few hundred steps; theory says the same of "
        "any fixed number of layers, of gates that see the input alone (Sarrof, Veitsman & Hahn 2024) and of attention (Hahn 2020). "
        "xLSTM gives gates their view of h back (Beck et al. 2024)."
    )
