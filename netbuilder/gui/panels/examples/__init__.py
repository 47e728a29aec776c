"""The examples: the worst mistakes, one cell of the confusion matrix, or all."""
