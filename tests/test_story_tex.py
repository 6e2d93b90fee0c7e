"""A story as LaTeX: pdflatex sets it, whatever the network, the loss, the optimiser and the names are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, OneLayerMLP, TwoLayerMLP
from clearprop.layers import HIDDEN_ACTIVATIONS
from clearprop.loss import LOSSES
from clearprop.optimizers import OPTIMIZERS
from clearprop.story import Story
from clearprop.story.tex import DOCUMENT, to_latex
from clearprop.story.tex_text import escape, prose

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1.0, 0.0, 1.0]
HOSTILE = ["_%&#{}~^\\$", "ü 漢字 € ÅŁß", "<img> \\input{x}", "[" + "long" * 20]
needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def classes(optimizer=None, **names) -> Story:
    rng = np.random.default_rng(0)
    net = MLP([4, 5, 3], "relu", loss="cross_entropy", l1=0.1, l2=0.2, seed=0)
    return net.explain(rng.normal(size=(5, 4)), [0, 1, 2, 0, 1], optimizer=optimizer, **names)


def many() -> list[Story]:
    """All activations, losses and optimisers, both updates, the article's classes, big and tiny numbers."""
    rng = np.random.default_rng(0)
    rows, targets = rng.normal(size=(11, 2)), np.tile([[1.0, 0.0]], (11, 1))
    nets = [MLP([2, 3, 1], activation, seed=0).explain(X, Y) for activation in HIDDEN_ACTIVATIONS]
    nets += [
        MLP([2, 3, 2], "tanh", loss=loss, l1=0.1, l2=0.1, seed=0).explain(rows, targets) for loss in LOSSES
    ]
    nets += [classes(optimizer=name) for name in OPTIMIZERS if name != "lbfgs"]
    nets.append(classes(input_names=HOSTILE, output_names=HOSTILE[:3], sample_weight=[1, 2, 3, 4, 5]))
    nets.append(TwoLayerMLP(2, 3, 1).explain(X, [[1.0], [0.0], [1.0]]))
    nets.append(OneLayerMLP(2, 1).explain(rows, targets[:, :1]))
    wide = MLP([8, 8, 8], "sigmoid", seed=0)
    nets.append(wide.explain(rng.normal(size=(16, 8)) * 1e-5, rng.random((16, 8)), update="sequential"))
    large = MLP([64, 20, 10], "relu", loss="cross_entropy", l2=0.1, seed=0)
    nets.append(large.explain(rng.normal(size=(32, 64)), rng.integers(0, 10, 32)))
    return nets


def compile_latex(text: str, folder: Path) -> str:
    """Run pdflatex; return what it complains about."""
    folder.joinpath("story.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "story.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
    log = done.stdout.decode("utf-8", "replace")
    return "\n".join(re.findall(r"^!.*|^Overfull .hbox.*|^LaTeX Warning.*", log, re.M))


# ---- pdflatex


@needs_pdflatex
def test_everything_compiles_within_its_margins(tmp_path):
    bodies = [to_latex(story) for story in many()]
    assert compile_latex(DOCUMENT % "\n\\newpage\n".join(bodies), tmp_path) == ""
    assert tmp_path.joinpath("story.pdf").stat().st_size > 10_000


@needs_pdflatex
def test_a_fragment_needs_amsmath_alone(tmp_path):
    body = to_latex(classes(input_names=HOSTILE))
    text = f"\\documentclass{{article}}\\usepackage{{amsmath}}\\begin{{document}}\n{body}\\end{{document}}"
    assert "!" not in compile_latex(text, tmp_path)


@needs_pdflatex
def test_a_standalone_story_is_a_document(tmp_path):
    assert compile_latex(to_latex(classes(), standalone=True), tmp_path) == ""


@needs_pdflatex
def test_the_check_sees_a_fault_and_a_long_line(tmp_path):
    assert "!" in compile_latex(DOCUMENT % r"\[ \nosuchcommand \]", tmp_path)
    assert "Overfull" in compile_latex(DOCUMENT % (r"\[ " + "1 + " * 80 + r"1 \]"), tmp_path)


# ---- what it holds


def test_a_story_has_its_matrices_and_formulas():
    story = MLP([2, 3, 1], "tanh", seed=0).explain(X, Y)
    text = to_latex(story)
    assert r"\[ \mathrm{d}W_{1} = X^{\top}\,\mathrm{d}Z_{1} \]" in text
    assert "X = \\begin{pmatrix}\n0 & 1 \\\\\n1 & 0 \\\\\n1 & 1\n\\end{pmatrix}" in text
    assert all(step.latex in text for step in story)
    assert "documentclass" not in text
    assert text.isascii()


def test_rows_and_columns_stand_under_their_names():
    text = to_latex(classes(input_names=["age", "body mass", "s1", "s_2"]))
    assert r" & \text{age} & \text{body mass} & \text{s1} & \text{s\_2} \\ \hline" in text
    assert re.search(r"W_\{1\} = \\begin\{array\}\{l\|r+\}\n.*\n.*\\text\{age\} & 0\.3355", text)


def test_hostile_names_leave_only_plain_characters():
    assert to_latex(classes(input_names=HOSTILE, output_names=HOSTILE[:3])).isascii()


@pytest.mark.parametrize(
    ("words", "latex"),
    [
        ("50 % of a_1 & #2", r"50 \% of a\_1 \& \#2"),
        ("\\{x}~^$", r"\textbackslash{}\{x\}\textasciitilde{}\textasciicircum{}\$"),
        ("Müller, naïve Ångström, Łódź", r"M\"{u}ller, na\"{i}ve \r{A}ngstr\"{o}m, \L{}\'{o}d\'{z}"),
        ("漢 €", "[U+6F22] EUR"),
        ("ﬁx ½", r"fix $\frac{1}{2}$"),
        ("a\n\x00b", "a  b"),
        ("λ → −1", r"$\lambda$ $\rightarrow$ $-$1"),
    ],
)
def test_words_are_escaped(words, latex):
    assert escape(words) == latex


def test_sums_in_words_have_their_letters_below():
    assert prose("L = Σ_{n,i} w_1 · max_i(a)") == r"L = $\Sigma_{n,i}$ w\_1 $\cdot$ $\mathrm{max}_{i}$(a)"


def test_big_arrays_are_summarised():
    rng = np.random.default_rng(0)
    text = to_latex(MLP([40, 9, 1], "relu", seed=0).explain(rng.normal(size=(20, 40)), rng.random(20)))
    assert re.search(r"20 \$\\times\$ 40, from \$-\$\S+ to \S+, norm \S+\n", text)
    assert len(text) < 20_000
