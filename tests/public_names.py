"""The public names: all that docs/api.rst lists, with the methods that are documented here."""

import importlib
import inspect
import re
from pathlib import Path

import keras
from numpydoc.docscrape import get_doc_object

API = Path(__file__).parents[1] / "docs" / "api.rst"


def list_public_names(page):
    """The dotted paths of all that the page lists."""
    entries = re.findall(r"^(?:\.\. currentmodule:: (\S+)|   (\w+))$", page, re.MULTILINE)
    module, paths = "", []
    for new_module, name in entries:
        module = new_module or module
        if name:
            paths.append(f"{module}.{name}")
    return paths


PUBLIC = list_public_names(API.read_text(encoding="utf-8"))


def load(path):
    """The object that the dotted path names."""
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def public_methods(cls):
    """The names of methods and properties that are written and to be documented here.

    Not inherited or generated ones, nor what Keras says of every layer (`call`, `get_config`).
    """
    said_by_keras = dir(keras.layers.Layer) if issubclass(cls, keras.layers.Layer) else []
    names = [name for name in dir(cls) if not name.startswith("_") and name not in said_by_keras]
    return [name for name in names if is_ours(inspect.getattr_static(cls, name), cls, name)]


def is_ours(attribute, cls, name):
    member = attribute.fget if isinstance(attribute, property) else getattr(cls, name)
    return (getattr(member, "__module__", None) or "").split(".")[0] == "sklstm"


def all_paths():
    for path in PUBLIC:
        yield path
        if inspect.isclass(load(path)):
            yield from (f"{path}.{name}" for name in public_methods(load(path)))


PATHS = list(all_paths())


def documented(path):
    """The object, and its docstring as numpydoc reads it."""
    owner, _, name = path.rpartition(".")
    member = getattr(load(owner), name) if owner in PUBLIC else load(path)
    return member, get_doc_object(member)
