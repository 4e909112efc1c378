"""What the lesson Learning alone shows: a training step taken apart, and every number in it."""
