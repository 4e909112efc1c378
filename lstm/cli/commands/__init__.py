"""One file a command. Each has `register(commands)`, which adds its parser; what it needs it imports when it runs."""
