"""What "Topics" alone shows."""
