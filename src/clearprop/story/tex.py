r"""A story as LaTeX: a fragment that needs amsmath, or a document that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from .formulas import to_latex as formula_latex
from .numbers import number_latex
from .sheet import DIGITS, Sheet, Table, write_sheet
from .story import Story
from .tex_text import escape, prose
from .worked import width

DOCUMENT = r"""\documentclass[10pt,a4paper]{article}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\setlength{\parskip}{3pt}
\begin{document}
\setlength{\abovedisplayskip}{5pt plus 2pt}
\setlength{\belowdisplayskip}{5pt plus 2pt}

%s
\end{document}
"""
SIZES = ((82, ""), (92, r"\small"), (104, r"\footnotesize"), (118, r"\scriptsize"))  # width in digits, size
SMALLEST = r"\tiny"
STRUT = r"\rule{0pt}{2.8ex}"  # keeps raised exponents off the line above
BLANK = r"\underline{\hspace{4.5em}}"


def to_latex(story: Story, *, standalone: bool = False) -> str:
    """Return a story as LaTeX for pdflatex.

    Args:
        story: what to show. Arrays of up to 16 × 8 are shown with 4 significant digits, larger ones
            are summarised.
        standalone: a whole document; otherwise a part of one, which must load amsmath.
    """
    return in_document(write_sheet(story, Tex(), Sheet()), standalone=standalone)


def in_document(text: str, *, standalone: bool) -> str:
    """Return a part of a document, or the document around it; displays follow without a line between."""
    joined = text.replace("\\]\n\n\\[", "\\]\n\\[")
    return DOCUMENT % joined if standalone else joined


@final
class Tex:
    """The markup of a sheet in LaTeX."""

    def title(self, words: str) -> str:
        r"""\section*{Words}."""
        return rf"\section*{{{escape(words)}}}"

    def form(self, labels: Sequence[str]) -> str:
        """Rules to write on."""
        lines = (rf"{escape(label)}: \underline{{\hspace{{14em}}}}" for label in labels)
        return r"\noindent " + r" \qquad ".join(lines) + r"\par"

    def heading(self, words: str) -> str:
        r"""\subsection*{Words}."""
        return rf"\subsection*{{{escape(words)}}}"

    def quantity(self, names: Sequence[str], about: str) -> str:
        r"""\paragraph{$\mathrm{d}W_{1}$, about.}."""
        symbols = ", ".join(f"${formula_latex(name)}$" for name in names)
        return rf"\paragraph{{{symbols}, {escape(about)}.}}"

    def paragraph(self, words: str) -> str:
        """Words."""
        return prose(words)

    def terms(self, pairs: Sequence[tuple[str, str]]) -> str:
        """A description list; long words stand at the end of short lines rather than in the margin."""
        items = "\n".join(rf"\item[{escape(term)}] {prose(text)}" for term, text in pairs)
        return f"{{\\raggedright\n\\begin{{description}}\n{items}\n\\end{{description}}\\par}}"

    def formula(self, latex: str) -> str:
        """A formula on a line of its own."""
        return rf"\[ {latex} \]"

    def value(self, name: str, cell: str) -> str:
        """L = 0.35."""
        return self.formula(f"{formula_latex(name)} = {cell}")

    def table(self, table: Table) -> str:
        """A matrix; where rows or columns have names, an array under them."""
        symbol = formula_latex(table.name)
        rows = [" & ".join(cells) for cells in table.cells]
        if table.is_named:
            names = [rf"\text{{{escape(name)}}}" for name in table.rows]
            head = " & ".join(["", *(rf"\text{{{escape(name)}}}" for name in table.columns)])
            rows = [f"{name} & {row}" for name, row in zip(names, rows, strict=True)]
            inner = f"{head} \\\\ \\hline\n{STRUT}" + " \\\\\n".join(rows)
            matrix = f"\\begin{{array}}{{l|{'r' * len(table.columns)}}}\n{inner}\n\\end{{array}}"
        else:
            matrix = "\\begin{pmatrix}\n" + " \\\\\n".join(rows) + "\n\\end{pmatrix}"
        shown = self.formula(f"{symbol} = {matrix}")
        stretch = r"\renewcommand{\arraystretch}{1.6}" if BLANK in table.cells[0] else ""
        size = _size(table)
        return f"{{{size}{stretch}\n{shown}}}" if size or stretch else shown

    def cell(self, value: float, *, is_answer: bool) -> str:
        r"""0.35, or \mathbf{0.35}."""
        shown = number_latex(value, DIGITS)
        return rf"\mathbf{{{shown}}}" if is_answer else shown

    def blank(self) -> str:
        """A rule to write on."""
        return BLANK

    def room(self, lines: int) -> str:
        """White space."""
        return rf"\vspace{{{lines * 1.5:g}\baselineskip}}"


def _size(table: Table) -> str:
    """Return the size of type in which a table fits on a line."""
    columns = [list(column) for column in zip(*table.cells, strict=True)]
    wide = [max(9.0 if cell == BLANK else width(cell) for cell in column) for column in columns]
    total = width(formula_latex(table.name)) + 4
    if table.is_named:
        wide = [max(one, 1.1 * len(name)) for one, name in zip(wide, table.columns, strict=True)]
        total += 1.1 * max(map(len, table.rows))
    total += sum(wide) + 2 * len(wide)
    return next((size for limit, size in SIZES if total <= limit), SMALLEST)
