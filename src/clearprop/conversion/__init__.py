"""Networks from elsewhere: a fitted scikit-learn MLP, or PyTorch's layers, as a network of ours.

All numbers are copied, so neither network changes the other. Importing this loads neither library:
whoever has something to convert has loaded it already.
"""

from .pytorch import from_torch
from .scikit import from_sklearn

__all__ = ["from_sklearn", "from_torch"]
