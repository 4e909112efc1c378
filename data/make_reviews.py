"""Writes `reviews.csv`: film reviews that nobody wrote, made by templates and word lists, split by template.

    python data/make_reviews.py

They stand in for IMDB where there is no network, and are no more than that: short, tidy, and about films that do not
exist. The same seed writes the same bytes. A review is an opening, two to four sentences on this and that, and a verdict.
Every sentence is praise or blame; in a mixed review one sentence praises and the verdict blames, or the other way round,
and the label is the verdict's. All reviews with the same verdict template stand in the same part.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from grammar import as_csv, deal, draw, lines, write

SEED = 2027
COUNT = 1200
MIXED = 0.35
"""The share of reviews in which a sentence speaks against the verdict."""
SHARES = {"training": 0.6, "validation": 0.15, "test": 0.25}
COLUMNS = ("text", "label", "template", "split")

SHARED = {
    "part": lines("""
        the plot, the acting, the music, the camera work, the script, the ending, the first hour, the dialogue, the cast,
        the lead actor, the direction, the story, the second half, the soundtrack, the editing, the villain, the pacing,
        the opening scene, the special effects, the costumes, the final twist, the humour, the lighting, the love story
    """),
    "film": lines("""
        film, movie, thriller, comedy, drama, western, sequel, remake, road movie, musical, horror film, love story,
        war film, documentary, animated film, heist movie, debut, crime story
    """),
    "who": lines("""
        my sister, my brother, a friend, my father, the children, my wife, my husband, a colleague, the whole family,
        my flatmate, our neighbour, a couple in front of us
    """),
    "setting": lines("""
        a lighthouse keeper, two brothers and a stolen car, a village without children, a retired detective,
        a girl who talks to trains, a chess champion, a bank that nobody robs, the last summer before a war,
        a singer who loses her voice, three cooks in one kitchen, a postman at the end of the world, a haunted school
    """),
    "time": lines(
        "last night, on a long flight, at a festival, on a rainy Sunday, with friends, twice, late in the evening"
    ),
}

LISTS = {
    "positive": {
        "adj": lines("""
            wonderful, brilliant, moving, funny, clever, touching, gripping, beautiful, excellent, superb, charming, fresh,
            honest, stunning, delightful, witty, warm, thrilling, memorable, perfect, subtle, powerful, lovely, inspired
        """),
        "verb": lines("loved, enjoyed, adored, admired, liked, savoured, remembered, recommended"),
        "noun": lines("a joy, a triumph, a gem, a small miracle, a masterpiece, a treat, a delight, a classic"),
        "effect": lines("""
            kept me awake, made me laugh, made me cry, stayed with me for days, held me to the last minute, won me over,
            surprised me, gave me goose bumps, made me want more
        """),
    },
    "negative": {
        "adj": lines("""
            boring, awful, dull, predictable, terrible, silly, weak, tedious, lifeless, clumsy, pointless, bad, flat, tired,
            annoying, stupid, shallow, messy, endless, dreadful, wooden, lame, forgettable, hollow
        """),
        "verb": lines("hated, disliked, regretted, endured, suffered through, forgot, despised, avoided"),
        "noun": lines("a waste, a mess, a disaster, a bore, a disappointment, a chore, an insult, a failure"),
        "effect": lines("""
            put me to sleep, made me yawn, made me look at my watch, left me cold, got on my nerves, drove me out of the room,
            lost me after ten minutes, gave me a headache, made me want my money back
        """),
    },
}

OPENINGS = lines("""
    i saw this {film} {time}
    this {film} is about {setting}
    a {film} about {setting}
    {who} took me to see this {film}
    i had heard a lot about this {film}
    what to say about a {film} with {setting}
    i watched it {time}
""")

SENTENCES = [
    line.strip()
    for line in """
    {part} was {adj}
    {part} {effect}
    i [really|truly|simply] {verb} {part}
    {part} is {adj} and {part} is {adj}
    {who} thought {part} was {adj}
    {part} turned out to be {noun}
    rarely have i seen {part} so {adj}
    {part} alone {effect}
    {part} was anything but {anti_adj}
    nothing {anti_adj} about {part}
    {part} was not {anti_adj} at all
    i never found {part} {anti_adj}
""".strip().splitlines()
]

VERDICTS = [
    line.strip()
    for line in """
    all in all {noun}
    in short, {adj} from start to finish
    {who} and i {verb} every minute
    a {adj} {film}
    i {verb} it
    this {film} {effect}
    so this {film} is {noun}
    the result is {adj}
    it is {noun} and no mistake
    it {effect}, and that says it all
    what {noun}
    one of the most {adj} films of the year
    simply {adj}
    in the end i {verb} this {film}
    you will find it {adj}
    far from {anti_adj}
    i expected something {anti_adj} and it was {adj}
    people call it {anti_adj} but it is {adj}
    not {anti_noun} but {noun}
    do not believe those who call it {anti_adj}
    how {adj} a {film} can be
    {who} called it {noun}, and rightly so
    two hours that were {noun}
    the whole thing is {adj}
    it was {adj}, i {verb} it
    by far the most {adj} {film} in a long time
""".strip().splitlines()
]


def lists_for(opinion: str) -> dict[str, list[str]]:
    """The lists for sentences of one opinion; those that begin with anti_ are the other's."""
    other = "negative" if opinion == "positive" else "positive"
    return {**SHARED, **LISTS[opinion], **{f"anti_{name}": entries for name, entries in LISTS[other].items()}}


def make(seed: int = SEED) -> list[tuple[str, ...]]:
    """The rows of the table, in an order that says nothing."""
    rng = np.random.default_rng(seed)
    turning = [k for k, verdict in enumerate(VERDICTS) if "{anti_" in verdict]  # every part gets some of these
    plain = [k for k in range(len(VERDICTS)) if k not in turning]
    parts = {k: part for some in (plain, turning) for k, part in zip(some, deal(rng, len(some), SHARES), strict=True)}
    rows, seen = [], set()
    while len(rows) < COUNT:
        number = int(rng.random() * len(VERDICTS))
        opinion = ("positive", "negative")[len(rows) % 2]
        other = ("negative", "positive")[len(rows) % 2]
        middle = [opinion] * (1 + int(rng.random() * 3))
        if rng.random() < MIXED:
            middle.insert(int(rng.random() * len(middle)), other)
        said = [write(rng, draw(rng, OPENINGS, evenly=True), SHARED)]
        said += [write(rng, draw(rng, SENTENCES, evenly=True), lists_for(mood)) for mood in middle]
        text = re.sub(r"\bi\b", "I", " ".join([*said, write(rng, VERDICTS[number], lists_for(opinion))]))
        if text not in seen:
            seen.add(text)
            rows.append((rng.random(), (text, opinion, f"verdict-{number:02d}", parts[number])))
    return [row for _, row in sorted(rows)]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("reviews.csv"))
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    options.out.write_bytes(as_csv(COLUMNS, make(options.seed)))


if __name__ == "__main__":
    main()
