"""What the lessons' pages share: the frame, the theme, charts and drawings. With the pages, the only code that imports streamlit."""
