"""The drawn cell and its formulas: what Home, Gates and Keras share."""
