"""A function's own syntax, for a lambda only the lambda, and the globals that its code reads."""

from __future__ import annotations

import ast
import dis
import linecache
import sysconfig
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# Where Python and packages are installed.
INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]


def find_syntax(function: Callable) -> str | None:
    """Find the function's syntax, without comments and layout; None if there is no source."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    nodes = [node for node in _list_functions("".join(lines)) if _may_be(node, code)]
    # Those that are left lie in each other, and the code is that of the innermost one.
    return ast.unparse(max(nodes, key=_find_start)) if nodes else None


@lru_cache(maxsize=32)
def _list_functions(source: str) -> list[Node]:
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Node)]
    except (SyntaxError, ValueError):  # a file that is no Python, or was changed to be none
        return []


def _may_be(node: Node, code: CodeType) -> bool:
    if not isinstance(node, ast.Lambda):
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        return (node.name, first) == (code.co_name, code.co_firstlineno)
    if (code.co_name, node.lineno) != ("<lambda>", code.co_firstlineno):
        return False
    places = list(_list_places(code))
    if not places:  # Python 3.12 keeps none of a lambda that returns a constant
        return _is_compiled_to(node, code)
    end = (node.end_lineno, node.end_col_offset)
    return all(_find_start(node) <= first and last <= end for first, last in places)


def _is_compiled_to(node: ast.Lambda, code: CodeType) -> bool:
    """Tell whether the lambda's code is this one; there may be others of the same syntax."""
    constants = compile(ast.Expression(node), code.co_filename, "eval").co_consts
    compiled = next(constant for constant in constants if isinstance(constant, CodeType))
    return all(
        getattr(compiled, name) == getattr(code, name)
        for name in ("co_code", "co_consts", "co_names", "co_varnames")
    )


def _find_start(node: Node) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _list_places(code: CodeType) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """List the positions of the instructions in the source, as (line, column) of start and end."""
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None:
            continue
        if (line, column) != (end_line, end_column):  # empty where Python added the instruction
            yield (line, column), (end_line, end_column)


def is_installed(function: Callable) -> bool:
    """Tell whether the function is Python's or an installed package's, not the user's own."""
    return any(Path(function.__code__.co_filename).is_relative_to(path) for path in INSTALLED)


def list_globals(function: Callable) -> dict[str, Any]:
    """List the globals that a function reads, and attributes of modules, without builtins."""
    found: dict[str, Any] = {}
    for path in _list_reads(function.__code__):
        if path[0] not in function.__globals__:
            continue
        value = function.__globals__[path[0]]
        n_used = 1
        while isinstance(value, ModuleType) and n_used < len(path) and hasattr(value, path[n_used]):
            value = getattr(value, path[n_used])
            n_used += 1
        found[".".join(path[:n_used])] = value
    return dict(sorted(found.items()))


def _list_reads(code: CodeType) -> Iterator[list[str]]:
    """List the global names that code reads, the functions in it too, with their attributes."""
    paths: list[list[str]] = []
    is_open = False  # whether the next attribute is one of the last path's
    for instruction in dis.get_instructions(code):
        is_name = instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        is_attribute = instruction.opname in ("LOAD_ATTR", "LOAD_METHOD")
        if is_name:
            paths.append([str(instruction.argval)])
        elif is_attribute and is_open:
            paths[-1].append(str(instruction.argval))
        is_open = is_name or (is_attribute and is_open)
    yield from paths
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _list_reads(constant)
