"""Raw data into arrays: text, series, windows, images."""
