"""Home."""
from ui import frame
frame.page("LSTM Lab", "Take a long short-term memory network apart, train it, and hold it against the rest.")
