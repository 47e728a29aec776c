"""The model: the project and its network as immutable values, with pure edits and a history."""
