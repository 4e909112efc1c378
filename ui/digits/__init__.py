"""What "Digits" alone shows."""
