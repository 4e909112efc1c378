"""Write the cell yourself: a file with blanks, a child process that runs it, and a judge that names each mistake."""
