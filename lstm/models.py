"""Where Keras keeps its models: `from lstm.models import Sequential, load_model`."""

from typing import TYPE_CHECKING

from .lacking import lacks
from .loading import load_model
from .model import Sequential

__all__ = ["Sequential", "load_model"]


if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
