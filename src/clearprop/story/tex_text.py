r"""Words as LaTeX: every character is one that pdflatex can set, with no package."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#",
    "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''", "`": "'", "€": "EUR", "£": r"\pounds{}",
    "…": r"\ldots{}", "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "„": ",,",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "ĳ": "ij", "©": r"\copyright{}", "§": r"\S{}",
    "¡": "!`", "¿": "?`",
}  # fmt: skip
_MATHEMATICS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "⊙": r"\odot", "÷": r"\div", "±": r"\pm", "∂": r"\partial",
    "∞": r"\infty", "√": r"\surd", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx",
    "→": r"\rightarrow", "←": r"\leftarrow", "½": r"\frac{1}{2}", "²": "^{2}", "³": "^{3}",
    "ᵀ": r"^{\top}", "°": r"^{\circ}",
    "Σ": r"\Sigma", "Φ": r"\Phi", "Ω": r"\Omega", "Δ": r"\Delta", "α": r"\alpha", "β": r"\beta",
    "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "η": r"\eta", "θ": r"\theta", "λ": r"\lambda",
    "μ": r"\mu", "µ": r"\mu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi",
    "ω": r"\omega", "′": "'", "⁰": "^{0}", "⁻": "^{-}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b",
}  # fmt: skip

_BELOW = re.compile(r"(?P<sign>Σ|max|mean)_(?:\{(?P<letters>[a-z,]+)\}|(?P<letter>[a-z])\b)")


def escape(words: str) -> str:
    r"""Return words as LaTeX; a character that pdflatex does not know becomes its number, [U+6F22].

    >>> print(escape("50 % of α_1, café"))
    50 \% of $\alpha$\_1, caf\'{e}
    """
    return "".join(map(_character, unicodedata.normalize("NFC", words)))


def prose(words: str) -> str:
    r"""Return words in which sums stand, such as Σ_{n,i} w · A, as LaTeX with the letters set below."""
    written, at = "", 0
    for found in _BELOW.finditer(words):
        sign = r"\Sigma" if found["sign"] == "Σ" else rf"\mathrm{{{found['sign']}}}"
        written += escape(words[at : found.start()]) + f"${sign}_{{{found['letters'] or found['letter']}}}$"
        at = found.end()
    return written + escape(words[at:])


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _MATHEMATICS:
        return f"${_MATHEMATICS[character]}$"
    if " " <= character <= "~":
        return character
    if character.isspace() or not character.isprintable():
        return " "
    return _accented(character) or _compatible(character) or f"[U+{ord(character):04X}]"


def _accented(character: str) -> str:
    r"""Write ü as \"{u}; the empty string for what is no letter with known accents."""
    letter, *marks = list(unicodedata.normalize("NFD", character))
    if not marks or not letter.isascii() or not _ACCENTS.keys() >= set(marks):
        return ""
    for mark in marks:
        letter = rf"\{_ACCENTS[mark]}{{{letter}}}"
    return letter


def _compatible(character: str) -> str:
    """Write ﬁ as fi; the empty string for what is not made of plain characters."""
    plain = unicodedata.normalize("NFKD", character)
    return escape(plain) if plain != character and plain.isascii() else ""
