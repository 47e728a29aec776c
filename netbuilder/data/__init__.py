"""Data: tables, toy sets, bundled sets, files, and the dataset that training sees."""
