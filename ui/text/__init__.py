"""What "Text generation" alone shows."""
