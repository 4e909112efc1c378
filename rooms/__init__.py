"""A class that answers together: who is here, what was asked and answered, the board. In memory; knows no screen and no lesson."""
