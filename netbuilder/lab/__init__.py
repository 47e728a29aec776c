"""The course alive: its experiments with their published figures, and a learner's homework."""
