"""Learning: a small LSTM trained one visible step at a time, and the exercise of writing the cell oneself."""
