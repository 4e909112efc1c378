"""What "Sentiment" alone shows."""
