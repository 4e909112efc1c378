"""What "Memory" alone shows."""
