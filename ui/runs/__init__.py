"""What a session has trained, lesson by lesson: its finished runs, and any of them beside each other."""
