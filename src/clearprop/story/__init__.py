"""The story of a training step: every quantity with its formula, its operands, its shape and its value."""

from .explaining import explain
from .notes import Note
from .step import Step
from .story import Story

__all__ = ["Note", "Step", "Story", "explain"]
