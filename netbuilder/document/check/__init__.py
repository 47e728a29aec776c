"""The check: shapes, problems with their remedies, and the plan that a network compiles to."""
