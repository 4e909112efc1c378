"""The story in words: two sentences, a product that vanishes, a sum that does not, and what LSTMs are used for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm.lessons.memory import through_time
from lstm.lessons.memory.tasks import read_inside
from lstm.lessons.memory.through_time import Setting
from ui.controls import Controls
from ui.lesson import predict_then_reveal
from ui.memory import charts
from ui.memory.models import SHELF
from ui.numbers import latex_number, scientific

FEATURES = 8


@dataclass(frozen=True)
class Story:
    """A sentence that lacks its last word; `clue` is the one that tells it."""

    words: tuple[str, ...]
    answer: str
    clue: str

    @property
    def back(self) -> int:
        """How many words lie between the clue and the gap, the clue counted."""
        return len(self.words) - self.words.index(self.clue)


SHORT = Story(("the", "colour", "of", "the", "sky", "is"), "blue", "sky")
LONG = Story(
    (
        "I", "grew", "up", "in", "France", "and", "since", "then", "I", "have", "lived", "in", "many", "towns", "and", "had",
        "many", "jobs", "but", "to", "this", "day", "I", "speak", "fluent",
    ),
    "French",
    "France",
)  # fmt: skip
STORIES = {"The colour of the sky": SHORT, "I speak fluent …": LONG}

story_controls = Controls("story", {"sentence": "I speak fluent …", "bias": 3.0, "units": 16})


def shares(story: Story, units: int, bias: float) -> dict[str, np.ndarray]:
    """For each network: the gradient that reaches each word, as a share of that at the last word.

    Of h in the SimpleRNN, of c in the LSTM, both untaught: what the first correction could teach each word's step.
    """
    setting = Setting(steps=len(story.words), units=units, forget_bias=bias)
    task = through_time.sentence(setting, story.words, story.answer, FEATURES)
    found = {}
    for kind in ("rnn", "lstm"):
        norms = through_time.reach(through_time.weights(setting, kind, FEATURES), task).state_norms[1:]
        found[kind] = norms / norms[-1]
    return found


@dataclass(frozen=True)
class Taught:
    """The network that ships, on a sentence: shares from the clue to the last word, and how sure it is of the answer."""

    shares: np.ndarray
    sure: float


def taught(story: Story) -> Taught:
    """Read a sentence with the network that ships, in which it is the recall task: the clue is one of its symbols, every
    word after it a blank."""
    shown = SHELF.shipped()
    kernel, recurrent, bias, head, offset = (w.astype(np.float64) for w in shown.model.get_weights())
    after = story.words[story.words.index(story.clue) + 1 :]
    blanks = len(shown.task.words) - shown.task.symbols
    ids = [0, *(shown.task.symbols + len(word) % blanks for word in after)]
    x = np.eye(len(shown.task.words))[ids][:, None]
    found = through_time.reach(through_time.Weights(kernel, recurrent, bias), through_time.NextWord(x, head, 0, offset))
    norms = found.state_norms[1:]
    return Taught(norms / norms[-1], float(np.exp(-found.loss)))


def section() -> None:
    """The sentences first, then what they show, in formulas with numbers."""
    story, found = _sentences()
    left, right = st.columns(2, gap="large")
    with left:
        _product(story)
    with right:
        _carousel()
    _question(found, story)
    _uses()


def _sentences() -> tuple[Story, dict[str, np.ndarray]]:
    left, right = st.columns([4, 9], gap="medium")
    with left:
        story = STORIES[
            story_controls.choice("sentence", "Sentence", list(STORIES), help="How far the word that tells lies back.")
        ]
        bias = story_controls.slider(
            "bias", "Forget bias", -2.0, 6.0, 0.5, help="The bias of the LSTM's forget gate, before anything was learnt.",
        )  # fmt: skip
        units = int(story_controls.slider("units", "Units", 4, 64, 4, help="The length of the hidden state."))
        words_shown = " ".join(f"**{word}**" if word == story.clue else word for word in story.words)
        st.markdown(f"{words_shown} **…**")
        st.caption(
            f"What comes next? *{story.answer}*, and the word that tells lies {story.back} words back: *{story.clue}*."
        )
    found = shares(story, units, float(bias))
    with right:
        at = story.words.index(story.clue)
        lines, shown = dict(found), None
        if story is LONG:
            shown = taught(story)
            lines["taught"] = np.concatenate([np.zeros(at), shown.shares])
        charts.words_back(story.words, at, lines, height=310).show(
            "memory_words", "Lines on a logarithmic axis: how much of the gradient at the last word reaches every word"
        )
        rnn, lstm = float(found["rnn"][at]), float(found["lstm"][at])
        st.markdown(
            f"Two untaught networks have read the sentence, and *{story.answer}* is the correction. Of its gradient "
            f"**{_share(rnn)}** reaches *{story.clue}* in the SimpleRNN and **{_share(lstm)}** in the LSTM. "
            "What does not reach a word cannot teach the network what to make of it."
        )
        if shown is not None:
            st.markdown(
                f"The network that ships has been taught just this: a clue, {story.back - 1} words that do not matter, the "
                f"question. If *{story.clue}* is one of its eight symbols and every later word a blank, it is **{shown.sure:.1%}** sure "
                f"of the answer, and the clue gets {shown.shares[0]:.0f} times as much of the gradient as the last word."
            )
    return story, found


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 1e-3 else scientific(share)


def _product(story: Story) -> None:
    st.header("The vanishing gradient: a product", anchor=False)
    setting = Setting(steps=len(story.words), units=1, seed=5)
    weights, task, u = through_time.weights(setting, "rnn"), through_time.problem(setting), 0.9

    def one_unit(u: float) -> tuple[np.ndarray, np.ndarray]:
        """Its states, and what each step does to the next."""
        given = through_time.Weights(weights.kernel, np.array([[u]]), weights.bias)
        hs = np.array(through_time.rnn_unroll(given, task.x))[1:, 0, 0]
        return hs, u * (1 - hs**2)

    hs, slopes = one_unit(u)
    larger = one_unit(10.0)[1]
    several = Setting(steps=len(story.words), units=16, scale=3.0)
    many = through_time.reach(through_time.weights(several, "rnn"), through_time.problem(several)).h_norms
    st.markdown(
        f"One unit with $U = {u:g}$ reads {len(hs)} numbers. What a step does to the next one is the derivative "
        "$U\\,(1 - h_t^2)$, and the chain rule multiplies them:"
    )
    first = r" \cdot ".join(f"{slope:.2f}" for slope in slopes[:3])
    last = len(hs)
    st.latex(
        rf"\footnotesize\begin{{aligned}}\frac{{\partial h_{{{last}}}}}{{\partial h_0}} &= \prod_t U (1 - h_t^2) \\[4pt] "
        rf"&= {first} \cdots {slopes[-1]:.2f} = {latex_number(float(slopes.prod()))}\end{{aligned}}"
    )
    st.caption(
        product_in_words(slopes, u) + " " + larger_in_words(float(slopes.prod()), float(larger.prod()), 10.0)
        + " " + several_in_words(float(many[0] / many[-1]), several)
    )  # fmt: skip


def product_in_words(slopes: np.ndarray, u: float) -> str:
    """Whether the factors of one unit shrink their product, each of them."""
    above = int((slopes >= 1).sum())
    if above == 0:
        return f"No factor is above U = {u:g}, the largest is {slopes.max():.2f}, so the product shrinks with every word."
    many = f"{above} of the {len(slopes)} factors {'is' if above == 1 else 'are'} 1 or more"
    return f"{many}, and the product is {scientific(float(slopes.prod()))}."


def larger_in_words(product: float, larger: float, u: float) -> str:
    """What a larger U does to the product of a single unit."""
    if larger < product:
        return (
            f"A larger U does not help a single unit: it drives h to ±1, where the slope 1 − h² is almost 0. With U = {u:g} the "
            f"product is {scientific(larger) if larger > 0 else '0'}."
        )
    return f"With U = {u:g} the product is {scientific(larger)}."


def several_in_words(share: float, setting: Setting) -> str:
    """What happens where there are several units."""
    many = f"{setting.units} units with recurrent weights {setting.scale:g} times as large as an orthogonal kernel's"
    if share > 1:
        return f"Several units can make it grow: with {many}, {_grown(share)} times what left the last step comes to the first."
    return f"With {many}, {_share(share)} of what left the last step comes to the first."


def _grown(share: float) -> str:
    return f"{share:,.1f}" if share < 1e6 else scientific(share)


def _carousel() -> None:
    st.header("The constant error carousel: a sum", anchor=False)
    shown = SHELF.shipped()
    x, _ = shown.task.sequences(1, 50, np.random.default_rng(7))
    inside = read_inside(shown.model, x).inside
    unit = int(np.argmin(np.abs(inside["f"][0, 1:].prod(axis=0) - 0.8)))
    f, i, g, c = (inside[name][0, :, unit].astype(float) for name in "figc")
    written = i * g
    st.markdown(
        f"Unit {unit + 1} of the network that ships reads a symbol and 50 blanks. Its cell state is a sum: at every step a "
        "little is written, and the forget gate keeps nearly all that stood there."
    )
    st.latex(r"c_t = f_t \, c_{t-1} + i_t \, \tilde c_t")
    st.latex(rf"c_{{50}} = {f[-1]:.3f} \cdot {_in_brackets(c[-2])} + {_in_brackets(written[-1])} = {c[-1]:.3f}")
    first = r" \cdot ".join(f"{gate:.3f}" for gate in f[1:4])
    st.latex(
        r"\footnotesize\begin{aligned}\frac{\partial c_{50}}{\partial c_0} &= \prod_t f_t \\[4pt] "
        rf"&= {first} \cdots {f[-1]:.3f} = {float(f[1:].prod()):.2f}\end{{aligned}}"
    )
    st.caption(
        "Along the cell state alone, the gates taken as they are. No weight and no squashing lies on this way back, and the "
        "network sets the factors itself."
    )


def _in_brackets(value: float) -> str:
    return f"{value:.3f}" if value >= 0 else f"({value:.3f})"


def _question(found: dict[str, np.ndarray], story: Story) -> None:
    st.header("Predict, then reveal", anchor=False)
    units, bias = int(story_controls["units"]), float(story_controls["bias"])

    def both() -> tuple[float, float]:
        near, far = (shares(one, units, bias)["rnn"][one.words.index(one.clue)] for one in (SHORT, LONG))
        return float(near), float(far)

    options = ["At *sky*, by less than ten times", "At *sky*, by more than ten times", "At *France*"]

    def answer() -> int:
        near, far = both()
        return 2 if far > near else 1 if near > 10 * far else 0

    predict_then_reveal(
        "memory_sentences",
        f"In the SimpleRNN, which clue gets more of the gradient: *sky*, {SHORT.back} words before the gap, or *France*, "
        f"{LONG.back} words before it?",
        options,
        answer,
        lambda _: clues_in_words(*both()),
        about=(units, bias),
    )


def clues_in_words(near: float, far: float) -> str:
    """What reaches *sky* and *France*, compared."""
    said = f"*sky* gets {_share(near)}, *France* {_share(far)}"
    if near == far:
        return f"{said}: the same."
    more, less = (near, far) if near > far else (far, near)
    loser = "France" if near > far else "sky"
    return f"{said}: *{loser}* gets nothing." if less == 0 else f"{said}: *{loser}* gets {_grown(more / less)} times less."


def _uses() -> None:
    st.header("What LSTMs are used for", anchor=False)
    st.markdown(
        "- **Speech and handwriting**: sequences in, letters out, with no cuts between them (Graves et al., 2006 and 2009).\n"
        "- **Translation and text**: until Transformers took over around 2018, one LSTM read a sentence and another wrote it "
        "(Sutskever et al., 2014).\n"
        "- **Series**: load of a power grid, sales, rainfall and run-off, where data are few and steps come one by one.\n"
        "- **Sensors and control**: keyboards, hearing aids, robots: the memory has a fixed size, and each step costs the same "
        "however long the past is."
    )
