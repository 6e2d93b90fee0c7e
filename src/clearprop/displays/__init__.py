"""Pictures of networks, as display objects in scikit-learn's manner. Needs matplotlib.

Each is made by a class method (`from_network`, `from_history`) that computes once, keeps the numbers as
attributes and draws. `plot(ax=None)` draws again, into axes of yours or a figure of its own, and leaves
both as `ax_` and `figure_`; `save(path)` writes the picture. Sign is colour, orange for − and blue for
+, and magnitude is width and lightness; where there is room, a dash and a number say the same.
"""

from .boundary import DecisionBoundaryDisplay
from .curves import LossCurveDisplay
from .gradients import GradientNormsDisplay
from .network import NetworkDisplay
from .weights import WeightsDisplay

__all__ = [
    "DecisionBoundaryDisplay",
    "GradientNormsDisplay",
    "LossCurveDisplay",
    "NetworkDisplay",
    "WeightsDisplay",
]
