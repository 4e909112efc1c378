"""A room on the screen: who is in it, questions that wait for the class, the teacher's page, the board."""
