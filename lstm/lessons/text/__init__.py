"""The lesson "Text generation": a network learns which symbol comes next, and writes."""
