"""The lesson "Relatives": what an LSTM can do that its relatives cannot, and the other way round."""
