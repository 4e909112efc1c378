"""What "Topics" and "Sentiment" share: texts that a network reads word by word."""
