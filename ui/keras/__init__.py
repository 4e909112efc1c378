"""What "Keras against scratch" alone shows."""
