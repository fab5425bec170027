"""The little language in which an exercise says what is right and what each slip means: `"abs(a - 2.5) > 0.01"`.

An expression is Python's: numbers, 'words', names, arithmetic, comparisons, `and or not`, and calls of FUNCTIONS. It is
parsed here, once, to a tree of lists that is plain JSON. The page (rules.ts of the front end) evaluates the same tree:
both say the same of every answer. Where arithmetic has no finite answer (1/0, log of -1, exp of 1000) the value is NaN,
as in the page, and no comparison with it holds but `!=`.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from gan_lab import data, metrics

Tree = Any  # a number, a word, or [operation, *trees]
Scope = Mapping[str, Any]

_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def parse(text: str | float) -> Tree:
    """The tree of an expression; raises ValueError, with the expression, for what is not in the language."""
    if not isinstance(text, str):
        return text
    try:
        return _tree(ast.parse(text, mode="eval").body)
    except (SyntaxError, KeyError) as error:
        raise ValueError(f"{text!r} is no expression of an exercise: {error}.") from None


def _tree(node: ast.expr) -> Tree:
    match node:
        case ast.Constant(value=bool()):
            return ["==", 1, 1 if node.value else 0]
        case ast.Constant(value=int() | float() | str()):
            return node.value
        case ast.Name(id=name):
            return math.pi if name == "pi" else ["$", name]
        case ast.BinOp(left=left, op=op, right=right):
            return [_BINARY[type(op)], _tree(left), _tree(right)]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ["-", 0, _tree(operand)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ["not", _tree(operand)]
        case ast.BoolOp(op=op, values=values):
            return ["and" if isinstance(op, ast.And) else "or", *map(_tree, values)]
        case ast.Compare(left=left, ops=ops, comparators=rights):
            trees = [_tree(side) for side in (left, *rights)]
            pairs = [[_COMPARE[type(op)], a, b] for op, a, b in zip(ops, trees, trees[1:], strict=False)]
            return pairs[0] if len(pairs) == 1 else ["and", *pairs]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return [name, *map(_tree, args)]
    raise KeyError(ast.unparse(node))


def evaluate(tree: Tree, scope: Scope) -> Any:
    """The value of a tree where the names have the values of ``scope``; raises KeyError for a name it lacks."""
    if not isinstance(tree, list):
        return tree
    operation, *rest = tree
    if operation == "$":
        return scope[rest[0]]
    if operation == "and":
        return all(evaluate(part, scope) for part in rest)
    if operation == "or":
        return any(evaluate(part, scope) for part in rest)
    try:
        found = _OPERATIONS[operation](*(evaluate(part, scope) for part in rest))
    except (ArithmeticError, ValueError):
        return math.nan
    return math.nan if isinstance(found, float) and not math.isfinite(found) else found


# -- functions: each has its twin of the same name in the page ------------------------------------------------------


def leaves_seen(leaves: Sequence[float], branches: float) -> float:
    """How many leaves alpha-beta looks at where Max chooses a branch, then Min a leaf; left to right."""
    size, best, seen = len(leaves) // int(branches), -math.inf, 0
    for start in range(0, size * int(branches), size):
        worst = math.inf
        for leaf in leaves[start : start + size]:
            seen += 1
            worst = min(worst, leaf)
            if worst <= best:
                break
        best = max(best, worst)
    return seen


def best_value_apart(distance: float) -> float:
    """V(G, D*) = 2 JSD - log 4 of two normal densities of width 1 whose means are that far apart, in nats."""
    x = torch.linspace(-8, 8 + distance, 4_001, dtype=torch.float64)
    p, q = data.Gaussian(0, 1).density(x), data.Gaussian(distance, 1).density(x)
    return 2 * metrics.jensen_shannon(p, q, float(x[1] - x[0])) - math.log(4)


def _moment(q: data.Distribution1D, power: int) -> float:
    if isinstance(q, data.Mixture):
        moment = q.means if power == 1 else q.means**2 + q.stds**2
        return float((q.weights * moment).sum())
    # the inverse CDF at evenly spaced levels gives moments without chance
    u = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    return float((q.quantile(u) ** power).mean())


def apart_from_hills(q: data.Distribution1D) -> float:
    """The total variation distance between q and three equal hills at -3, 0 and 3, each of standard deviation 0.4."""
    grid = torch.linspace(-14, 14, 14_001, dtype=torch.float64)
    hills = data.mixture([-3, 0, 3], 0.4)
    return float(metrics.total_variation(hills.density(grid), q.density(grid), float(grid[1] - grid[0])))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "log": math.log,
    "exp": math.exp,
    "near": lambda x, y, within: abs(x - y) <= within,
    "has": lambda chosen, word: word in chosen,
    "same": lambda chosen, words: sorted(chosen) == sorted(words),
    "list": lambda *words: list(words),
    "count": len,
    "item": lambda numbers, i: numbers[int(i)],
    "reordered": lambda numbers, start, *given: sorted(numbers[int(start) : int(start) + len(given)]) == sorted(given),
    "leaves_seen": leaves_seen,
    "best_value_apart": best_value_apart,
    "mean_of": lambda q: _moment(q, 1),
    "square_of": lambda q: _moment(q, 2),
    "apart_from_hills": apart_from_hills,
}

_OPERATIONS: dict[str, Callable[..., Any]] = FUNCTIONS | {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: math.nan if math.isnan(b) else math.pow(a, b),  # C has 1 for 1^NaN, the page has not
    "not": lambda a: not a,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

# -- sentences with blanks ------------------------------------------------------------------------------------------

BLANK = re.compile(r"\{(\w+)(?::([^}]*))?\}")


def fill(sentence: str, scope: Scope) -> str:
    """The sentence with its blanks filled, `{a:.3g}` by Python's rules; `{a:,}` of a whole number has no point."""

    def shown(blank: re.Match[str]) -> str:
        value, how = scope[blank[1]], blank[2] or ""
        if how == "," and float(value).is_integer():
            value = int(value)
        return format(value, how)

    return BLANK.sub(shown, sentence)
