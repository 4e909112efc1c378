"""What "Gate arithmetic" alone shows."""
