"""What the lab can learn from: the catalogue of downloads, the cache, the text corpora and people's own files."""

from .catalogue import DATASETS, Dataset, File
from .corpora import CORPORA, Corpus, TextFacts, describe, load_corpus, strip_gutenberg
from .download import DownloadError, Row, cache_folder, fetch, is_cached, overview
from .uploads import Upload, read_text, read_upload

__all__ = [
    "CORPORA",
    "DATASETS",
    "Corpus",
    "Dataset",
    "DownloadError",
    "File",
    "Row",
    "TextFacts",
    "Upload",
    "cache_folder",
    "describe",
    "fetch",
    "is_cached",
    "load_corpus",
    "overview",
    "read_text",
    "read_upload",
    "strip_gutenberg",
]
