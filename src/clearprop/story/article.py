"""The lines of the article's classes, in the language of the rules: X @ W1 for np.dot(self.X, self.W1)."""

from __future__ import annotations

import ast
import copy

Helpers = dict[str, ast.FunctionDef]


def lines_of_class(node: ast.ClassDef, module: ast.Module) -> tuple[tuple[str, str], ...]:
    """Return what forward and backward of a class set, as (target, expression).

    An attribute that is set from its own old value, as the weights are, is named like W1_new; what
    backward returns is L.
    """
    helpers = {part.name: part for part in module.body if isinstance(part, ast.FunctionDef)}
    methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    plain = _Plain(helpers)
    lines = []
    for statement in [*methods["forward"].body, *methods["backward"].body]:
        match statement:
            case ast.Assign(targets=[ast.Attribute(attr=target)], value=value) if not _is_check(value):
                name = f"{target}_new" if _mentions(value, target) else target
                lines.append((name, ast.unparse(plain.visit(copy.deepcopy(value)))))
            case ast.Return(value=ast.Call(func=ast.Name(id="float"), args=[value])):
                lines.append(("L", ast.unparse(plain.visit(copy.deepcopy(value)))))
    return tuple(lines)


class Renaming(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, put: dict[str, ast.expr]) -> None:
        self.put = put

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands for the name."""
        return self.put.get(node.id, node)


class _Plain(ast.NodeTransformer):
    def __init__(self, helpers: Helpers) -> None:
        self.helpers = helpers

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Return X for self.X."""
        self.generic_visit(node)
        return ast.Name(node.attr) if getattr(node.value, "id", "") == "self" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return A @ B for np.dot(A, B), and a helper's own formula in place of a call of it."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "dot":
            return ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        if name == "_floats":  # a check of what came in
            return node.args[1]
        return self._formula(self.helpers[name], node.args) if name in self.helpers else node

    def _formula(self, helper: ast.FunctionDef, given: list[ast.expr]) -> ast.expr:
        (formula,) = (node.value for node in ast.walk(helper) if isinstance(node, ast.Return) and node.value)
        names = [argument.arg for argument in helper.args.args]
        put = Renaming(dict(zip(names, given, strict=True)))
        return put.visit(self.visit(copy.deepcopy(formula)))  # type: ignore[no-any-return]


def _is_check(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "").startswith("_begin")


def _mentions(value: ast.expr, attribute: str) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == attribute for part in ast.walk(value))
