"""The report: a page about a network, its data and its run, that opens anywhere and prints."""
