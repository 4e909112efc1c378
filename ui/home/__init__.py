"""What Home shows, and the plan of a class that it shares with the page for teachers."""
