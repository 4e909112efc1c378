"""The lesson "Digits": a network reads a handwritten digit row by row."""
