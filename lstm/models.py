"""Where Keras keeps its models: `from lstm.models import Sequential, load_model`."""

from .loading import load_model
from .model import Sequential

__all__ = ["Sequential", "load_model"]
