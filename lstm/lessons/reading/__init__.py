"""The lessons "Topics" and "Sentiment": a network reads a text and sorts it into a class."""
