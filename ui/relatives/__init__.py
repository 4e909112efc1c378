"""What the lesson "Relatives" shows."""
