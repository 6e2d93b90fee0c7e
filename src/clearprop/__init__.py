"""Multi-layer perceptrons you can see through."""
