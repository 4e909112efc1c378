"""The server itself: what its answers carry, what it gives back, and what a page is told that outlived it."""
