"""One sentence for each quantity: a rule's own docstring, or for what lies within a rule the words here."""

from __future__ import annotations

from .equations import equations

WITHIN = {
    ("dense_back", "db"): "A bias answers for the errors at its unit, summed over the samples.",
    ("softmax", "E"): "Positive numbers in the proportions that the row's probabilities will have.",
    ("gelu", "Phi"): "The probability that a standard normal number lies below.",
    ("gelu_back", "phi"): "The standard normal density: the slope of that probability.",
    ("silu", "S"): "The sigmoid of the weighted sum.",
    ("mish", "T"): "The tanh of the softplus.",
    ("mish_back", "S"): "The sigmoid: the slope of the softplus.",
    ("huber", "R"): "The distance to the target.",
    ("huber", "Q"): "The part of the distance that is squared.",
    ("cross_entropy", "S"): "Less the row's largest number, so that exp stays in range.",
    ("cross_entropy", "logP"): "The logarithms of the probabilities.",
    ("momentum", "v_new"): "The velocity: the slope now, and a decaying memory of the earlier ones.",
    ("nesterov", "v_new"): "The velocity: the slope now, and a decaying memory of the earlier ones.",
    ("adagrad", "s_new"): "The sum of all squared slopes so far.",
    ("rmsprop", "s_new"): "A running mean of the squared slopes.",
    ("adam", "m_new"): "A running mean of the slopes.",
    ("adam", "v_new"): "A running mean of the squared slopes.",
    ("adam", "m_hat"): "The running mean, freed of its bias towards the zero that it began with.",
    ("adam", "v_hat"): "The running mean of squares, freed of its bias towards zero.",
}  # fmt: skip
SAME = {"gelu_back": "gelu", "silu_back": "silu", "mish_back": "mish", "adamw": "adam"}
TOTALS = {
    "Omega": "The penalty of all weights.",
    "L": "The loss: what the outputs cost, plus what the weights cost.",
}


def meaning_of(rule: str, target: str) -> str:
    """Return the sentence for what a line of a rule sets."""
    within = WITHIN.get((rule, target)) or WITHIN.get((SAME.get(rule, rule), target))
    return within or equations()[rule].meaning
