"""The settings that "Topics" and "Sentiment" share, each described once; see `lstm.lessons.settings`."""

from __future__ import annotations

from lstm.lessons.settings import Shared

from .reader import MAX_LENGTH

VOCABULARY = Shared(
    5000, "Vocabulary", "How many words it knows, the most common ones; the rest is <UNK>. <PAD>, <START> and <UNK> count too.",
    low=10, why="<PAD>, <START> and <UNK> among them", high=50_000, step=500,
)  # fmt: skip
LENGTH = Shared(
    100, "Time steps", "The most words it reads, <START> included.", low=2, why="<START> and a word", high=MAX_LENGTH,
    step=5, flag="--time-steps",
)  # fmt: skip
PADDING = Shared(
    "pre", "Padding side", "Where the padding stands. That end of a long text is cut.",
    labels={"pre": "in front", "post": "behind"},
)  # fmt: skip
MASK = Shared(True, "Mask padding", "Skip it. Otherwise the network reads it like a word.")
BUCKETED = Shared(
    True, "Batches of equal length", "Texts of about equal length share a batch, so there is little padding. Otherwise every "
    "text is padded to all time steps, unless the mask lets them be skipped.", also=("--buckets",),
)  # fmt: skip
WORD_DROPOUT = Shared(
    0.0, "Word dropout", "Share of the words shown as <UNK> in training, others each time.", low=0, below=1, step=0.1
)
SNIPPETS = Shared(
    0.0, "Snippets", "Share of the texts of which training shows only a stretch of 3 to 60 words.", low=0, below=1, step=0.1
)
EMBEDDING = Shared(32, "Embedding", "Numbers a word becomes.", high=512, step=16)
EMBEDDING_DROPOUT = Shared(
    0.0, "Dropout after the embedding", "Share of these numbers left out while training.", low=0, below=1, step=0.1
)
UNITS = Shared(64, "Units", "The length of the hidden state h.", high=512, step=16)
BIDIRECTIONAL = Shared(False, "Read in both directions", "A second layer reads from the end.")
VALIDATE_EVERY = Shared(
    None, "Steps between validations", "Optimizer steps from one validation to the next.", none="validates once an epoch",
    high=1_000_000,
)  # fmt: skip
PATIENCE = Shared(
    None, "Early stopping after", "Validations without a better one; then the best weights come back.",
    none="means no early stopping", high=1000,
)  # fmt: skip
