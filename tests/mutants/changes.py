"""Every small change that can be made to one module: walks a syntax tree and says what could be written otherwise.

Not touched: words for people (doc strings, texts with blanks), types, imports, `__all__`, decorators except the code in
`@check("U201")`, and what only tells polars or Python how to do a thing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Mutant", "mutants"]

Set = Callable[[Any], None]


@dataclass(frozen=True)
class Mutant:
    """One change; `apply` makes it in the tree that was walked."""

    line: int
    function: str
    operator: str
    before: str
    after: str
    apply: Callable[[], None]


_COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Mod: ast.Mult}
_TWINS = (
    "any all",
    "min max",
    "first last",
    "is_null is_not_null",
    "any_horizontal all_horizontal",
    "min_horizontal max_horizontal",
    "startswith endswith",
    "starts_with ends_with",
    "is_duplicated is_unique",
    "partition rpartition",
    "eq_missing ne_missing",
    "len_bytes len_chars",
)
_SWAPPED = {a: b for pair in _TWINS for a, b in (pair.split(), pair.split()[::-1])}
_SWAPPED_TEXTS = {"first": "last", "last": "first", "semi": "anti", "anti": "semi", "left": "inner", "inner": "left"}
_MODULES = {"pl", "re", "unicodedata", "names", "upns", "fnd", "circumstances", "licences", "io", "ast"}
_NAMESPACES = {"str", "list", "struct", "dt"}
_SEVERAL = {"coalesce", "concat_list", "concat_str", "any_horizontal", "all_horizontal", "max_horizontal"}
_NAMING = {"select", "with_columns", "agg"}  # to drop a column that is used is an error, no change of behaviour
# A column by another name is only an error.
_OF_COLUMNS = _NAMING | set("col join group_by explode drop unique sort filter coalesce concat_list field".split())
# What only tells polars or Python how: types, strictness, empty lists. Another answer is an error, or the same.
_HOW = set(
    "dtype return_dtype strict literal empty_as_null keep_nulls eager is_elementwise orient cast implode".split()
)
_SKIPPED_FIELDS = {"annotation", "returns", "ctx", "type_comment", "format_spec", "bases"}
_SKIPPED_TARGETS = {"__all__", "Answer", "_Steps"}
_TYPES = {"dict", "list", "tuple", "set", "frozenset", "Callable", "Sequence", "Iterator"}


def mutants(tree: ast.Module, *, blanks_are_prose: bool = True) -> list[Mutant]:
    """All changes, in the order of the source, the same for the same source.

    Args:
        blanks_are_prose: Whether a text with a blank and a letter is meant for people.
    """
    return list(_Walk(blanks_are_prose).visit(tree, lambda new: None, "", set()))


class _Walk:
    def __init__(self, blanks_are_prose: bool) -> None:
        self.blanks_are_prose = blanks_are_prose
        self.columns: set[ast.AST] = set()

    def visit(self, node: ast.AST, put: Set, function: str, known: set[str]) -> Iterator[Mutant]:
        if _is_skipped(node) or (isinstance(node, ast.JoinedStr) and self._is_prose(node)):
            if isinstance(node, ast.JoinedStr):
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        yield from self._children(part, function, known)
            return
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = f"{function}.{node.name}" if function else node.name
        if isinstance(node, ast.FunctionDef):
            known = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        self.columns.update(_columns(node))
        if hasattr(node, "lineno"):
            for operator, new in (*self._expressions(node), *_statements(node, known)):
                before, after = ast.unparse(node), ast.unparse(new)
                if isinstance(node, ast.stmt):
                    before, after = before.splitlines()[0], after.splitlines()[0]
                yield Mutant(node.lineno, function, operator, before, after, _putter(put, new))
        yield from self._children(node, function, known)
        if isinstance(node, ast.Assign):
            known |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}

    def _children(self, node: ast.AST, function: str, known: set[str]) -> Iterator[Mutant]:
        for field, value in ast.iter_fields(node):
            if field in _SKIPPED_FIELDS:
                continue
            if isinstance(value, ast.AST):
                yield from self.visit(value, _field_putter(node, field), function, known)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if field == "decorator_list" and not ast.unparse(item).startswith("check("):
                        continue
                    if isinstance(item, ast.AST):
                        yield from self.visit(item, _item_putter(value, place), function, known)

    def _is_prose(self, node: ast.AST) -> bool:
        texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        return self.blanks_are_prose and any(" " in text and re.search("[A-Za-z]", text) for text in texts)

    def _expressions(self, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
        match node:
            case ast.Compare():
                for place, op in enumerate(node.ops):
                    for other in _COMPARISONS[type(op)]:
                        ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                        yield "comparison", ast.Compare(node.left, ops, node.comparators)
            case ast.BoolOp():
                other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                yield "boolean", ast.BoolOp(other_op, node.values)
                for rest in _all_but_one(node.values):
                    yield "operand", ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                swapped = ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd()
                yield "boolean", ast.BinOp(node.left, swapped, node.right)
                yield "operand", node.left
                yield "operand", node.right
            case ast.BinOp() if type(node.op) in _ARITHMETIC and not _is_textual(node):
                yield "arithmetic", ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
            case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
                yield "not", node.operand
            case ast.IfExp():
                yield "branch", node.body
                yield "branch", node.orelse
            case ast.comprehension():
                pass
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from _unfiltered(node)
            case ast.List() if len(node.elts) > 1:
                for rest in _all_but_one(node.elts):
                    yield "element", ast.List(rest, ast.Load())
            case ast.Constant():
                yield from ((operator, ast.Constant(value)) for operator, value in self._constants(node))
            case ast.Call():
                yield from _calls(node)

    def _constants(self, node: ast.Constant) -> Iterator[tuple[str, Any]]:
        value = node.value
        if isinstance(value, bool):
            yield "constant", not value
        elif isinstance(value, int):
            yield "constant", value + 1
            if value:
                yield "constant", value - 1
        elif isinstance(value, str) and node not in self.columns and not self._is_prose(node):
            yield "text", _SWAPPED_TEXTS.get(value, value + "X")
            yield from (("pattern", shorter) for shorter in _patterns(value))


def _patterns(text: str) -> Iterator[str]:
    """The text with one anchor, quantifier or negation left out."""
    in_class = False
    for place, character in enumerate(text):
        if place and text[place - 1] == "\\":
            continue
        if character == "[" and not in_class:
            in_class = True
        elif character == "]":
            in_class = False
        elif (
            character in "^$*+?"
            and (not in_class or text[place - 1] == "[")
            and text[place - 1 : place + 1] != "(?"
            and text[place + 1 : place + 2] != "("
            and len(text) > 1
        ):
            yield text[:place] + text[place + 1 :]


def _statements(node: ast.AST, known: set[str]) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Continue():
            yield "statement", ast.Pass()
        case ast.Assign(targets=[ast.Name(id=name)]) if name in known:
            yield "statement", ast.Pass()
        case ast.Return(value=ast.AST() as value) if not isinstance(value, (ast.Compare, ast.BoolOp, ast.Constant)):
            yield "return", ast.Return(ast.Constant(None))
        case ast.If():
            for truth in (True, False):
                yield "branch", ast.If(ast.Constant(truth), node.body, node.orelse)


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    function = node.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    if name in _SWAPPED:
        twin: ast.expr = ast.Name(_SWAPPED[name], ast.Load())
        if isinstance(function, ast.Attribute):
            twin = ast.Attribute(function.value, _SWAPPED[name], ast.Load())
        yield "twin", ast.Call(twin, node.args, node.keywords)
    if name not in _NAMING:
        for keyword, rest in zip(node.keywords, _all_but_one(node.keywords), strict=True):
            if keyword.arg not in _HOW:
                yield "argument", ast.Call(function, node.args, rest)
    if name in _SEVERAL and len(node.args) > 1:
        for rest in _all_but_one(node.args):
            yield "element", ast.Call(function, rest, node.keywords)
    if not isinstance(function, ast.Attribute):
        return
    base = function.value
    if isinstance(base, ast.Name) and base.id in _MODULES:
        if name == "when":
            for truth in (True, False):
                lit = ast.Call(ast.Attribute(base, "lit", ast.Load()), [ast.Constant(truth)], [])
                yield "branch", ast.Call(function, [lit], [])
        return
    if name == "then":
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute):
            chain = base.func.value
            if not isinstance(chain, ast.Name):  # `.when(…).then(…)` in the middle of a chain
                yield "call", chain
        return
    if name == "when" or name in _HOW:
        return
    if isinstance(base, ast.Attribute) and base.attr in _NAMESPACES:
        base = base.value
    yield "call", base


def _unfiltered(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Iterator[tuple[str, ast.AST]]:
    for place, generator in enumerate(node.generators):
        for rest in _all_but_one(generator.ifs):
            new = ast.comprehension(generator.target, generator.iter, rest, generator.is_async)
            generators = [*node.generators[:place], new, *node.generators[place + 1 :]]
            if isinstance(node, ast.DictComp):
                yield "filter", ast.DictComp(node.key, node.value, generators)
            else:
                yield "filter", type(node)(node.elt, generators)


def _all_but_one(items: list[Any]) -> Iterator[list[Any]]:
    return (items[:place] + items[place + 1 :] for place in range(len(items)))


def _columns(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _OF_COLUMNS:
            arguments = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in (None, "on"))]
            return [a for given in arguments for a in (given.elts if isinstance(given, ast.List) else [given])]
        case ast.Subscript(slice=ast.Constant(value=str()) as index):
            return [index]
    return []


def _is_textual(node: ast.AST) -> bool:
    """A sum with a text in it: another sign is only an error."""
    if isinstance(node, ast.BinOp):
        return _is_textual(node.left) or _is_textual(node.right)
    return (
        isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in ("pl.lit", "pl.concat_str"))
    )


def _is_skipped(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.keyword(arg=name) if name in _HOW:
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) if name in _SKIPPED_TARGETS:
            return True
        case ast.Subscript(value=ast.Name(id=name)) if name in _TYPES:
            return True
    return False


def _putter(put: Set, new: ast.AST) -> Callable[[], None]:
    return lambda: put(new)


def _field_putter(node: ast.AST, field: str) -> Set:
    return lambda new: setattr(node, field, new)


def _item_putter(items: list[Any], place: int) -> Set:
    def put(new: Any) -> None:
        items[place] = new

    return put
