"""The look: colours, style, icons and translation."""
