"""The window: the program, its main window and docks, actions and dialogs."""
