"""What a browser remembers, follows and shows by itself: cookies, links, projector mode."""
