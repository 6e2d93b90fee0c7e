"""The page of a story: viewer, formulas and numbers in one file, from which no request leaves.

Formulas stand in the page as MathML, so that it can be read even where scripts do not run; numbers
travel as JSON, in which no text can end its element. The viewer's files are ES modules; in the page they
become one, so that they can be served as they are too.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache, lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from ..formulas import to_mathml
from ..mathml import symbol_mathml
from ..symbols import symbol
from .payload import payload

if TYPE_CHECKING:
    from ..step import Step
    from ..story import Story

# The viewer's modules, each after those that it imports.
MODULES = (
    "dom", "words", "story", "numbers", "state", "symbols", "highlight", "arrays", "paths", "derivation",
    "panel", "layout", "svg", "network", "timeline", "player", "keys", "address", "main",
)  # fmt: skip
PHASES = {"forward": "forward pass", "loss": "loss", "backward": "backward pass", "update": "update"}
HEIGHT = 680  # of the page within a notebook, in pixels


def to_html(story: Story) -> str:
    """Return the page as one HTML file; what comes with the data is shown as text, whatever it holds."""
    shown, script, style = parts(story), bundle(), read("viewer.css")
    network = dict(story.header).get("network", "")
    return Template(read("viewer.html")).substitute(
        policy=policy(script),
        title=escape(f"clearprop: one step of {network}" if network else "clearprop: one training step"),
        style=style,
        header=shown["header"],
        steps=shown["articles"],
        symbols=shown["symbols"],
        data=as_json(shown["data"]),
        script=script,
    )


def parts(story: Story, zooms: bool = True) -> dict[str, Any]:
    """Return what the viewer shows: `payload` for JSON, and articles, symbols and header as HTML."""
    data = payload(story, zooms)
    return {
        "data": data,
        "articles": "".join(map(_article, story)),
        "symbols": "".join(map(_symbol, data["arrays"])),
        "header": "".join(f"<dt>{escape(term)}</dt><dd>{_text(text)}</dd>" for term, text in story.header),
    }


def to_notebook(story: Story) -> str:
    """Return the page in a frame of its own, which neither sees nor touches the notebook around it."""
    page = escape(to_html(story), quote=True)
    style = f"width: 100%; height: {HEIGHT}px; border: 1px solid #8884; border-radius: 8px"
    options = f'title="clearprop: one training step" sandbox="allow-scripts" style="{style}"'
    return f'<iframe {options} srcdoc="{page}"></iframe>'


def as_json(data: object) -> str:
    """Return JSON that may stand within a script element: no "<" can end it or open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def bundle() -> str:
    """Return the viewer's modules as one: without the lines that import, and the word export."""
    text = "\n".join(read(f"{name}.js") for name in MODULES)
    return re.sub(r"^export ", "", re.sub(r"^import .*;\n", "", text, flags=re.M), flags=re.M)


@cache
def read(name: str) -> str:
    """Return the text of one of the viewer's files."""
    return files(__package__).joinpath("viewer", name).read_text("utf-8")


def policy(script: str) -> str:
    """Return the content security policy: this script alone runs, and nothing is fetched."""
    digest = b64encode(sha256(f"\n{script}\n".encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _article(step: Step) -> str:
    shape = " × ".join(map(str, step.shape)) or "one number"
    layer = f", layer {step.layer}" if step.layer else ""
    return (
        f'<article data-step="{escape(step.name)}" data-phase="{step.phase}">'
        f'<p class="phase">{PHASES[step.phase]}{layer}</p>'
        f'<h2>{_math(step.name)} <small class="shape">{shape}</small></h2>'
        f'<p class="meaning" lang="en">{escape(step.meaning)}</p>'
        f'<div class="formula">{_formula(step.code, step.scalars)}</div></article>\n'
    )


_formula = lru_cache(4096)(to_mathml)


def _text(text: str) -> str:
    """Return text for the page, with what a sum runs over set below its Σ."""
    return re.sub(r"(Σ|max|min)_(?:\{([^{}]*)\}|(\w))", r"\1<sub>\2\3</sub>", escape(text))


def _symbol(name: str) -> str:
    return f'<span data-symbol="{escape(name)}">{_math(name)}</span>'


@lru_cache(4096)
def _math(name: str) -> str:
    look = symbol_mathml(symbol(name))
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{look}</mrow></math>'
