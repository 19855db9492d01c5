"""Sphinx: how the pages of this folder, the docstrings and the examples become a site."""

import ast
import re
from pathlib import Path

from sphinx.util.inspect import signature, stringify_signature

import sklstm
from sklstm._documentation import DOCUMENTATION

SRC = Path(sklstm.__file__).parent

project = "sklstm"
author = copyright = "sklstm developers"
release = version = sklstm.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "myst_parser",
    "notfound.extension",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxext.opengraph",
]
exclude_patterns = ["_build", "inventories"]
templates_path = ["_templates"]
html_title = f"sklstm {release}"
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "logo": {"text": "sklstm", "image_light": "_static/logo.svg", "image_dark": "_static/logo.svg"},
    "show_prev_next": True,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_baseurl = DOCUMENTATION
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # links of the form page.md#heading, as they work on the forge

toc_object_entries_show_parents = "hide"  # the table of contents lists methods by their own names
numpydoc_show_class_members = False  # the class template lists them
autodoc_typehints = "none"  # docstrings describe types in the words of a user

nitpicky = True  # each name that a docstring refers to must lead somewhere
nitpick_ignore = [("py:obj", "classes_")]  # of scikit-learn's base class
suppress_warnings = ["ref.term"]  # scikit-learn's glossary, in its docstrings of these two

# Inventories of other projects, cut to the names in use, so that the build needs no network.
intersphinx_mapping = {
    "sklearn": ("https://scikit-learn.org/stable/", "inventories/sklearn.inv"),
    "matplotlib": ("https://matplotlib.org/stable/", "inventories/matplotlib.inv"),
    "joblib": ("https://joblib.readthedocs.io/en/stable/", "inventories/joblib.inv"),
}

copybutton_exclude = ".linenos, .gp, .go"  # copied code has no prompts and no output
copybutton_prompt_text = ">>> |\\.\\.\\. "
copybutton_prompt_is_regexp = True

ogp_site_url = DOCUMENTATION
ogp_image = f"{DOCUMENTATION}_static/next_24_hours.png"
ogp_social_cards = {"enable": False}  # one picture for all pages: the forecast of a day
notfound_urls_prefix = "/en/latest/"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "subsection_order": [
        f"../examples/{folder}" for folder in ["start", "data", "tune", "judge", "operate"]
    ],
    "within_subsection_order": "FileNameSortKey",
    "filename_pattern": r"\.py$",  # every one of them runs
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,  # such as the number of the thumbnail
}


def skip_what_others_say(app, what, name, member, skip, options):
    """Leave out what is inherited from scikit-learn, scikit-optimize and Keras."""
    function = member.fget if isinstance(member, property) else member
    module = getattr(function, "__module__", None) or ""
    return skip or module.split(".")[0] != "sklstm"


def show_what_init_takes(app, what, name, obj, options, arguments, returns):
    """Show what a layer's own __init__ takes: Sphinx reads Keras' __new__, which takes anything."""
    if what == "class" and arguments == "(*args, **kwargs)":
        own = signature(obj.__init__, bound_method=True)
        arguments = stringify_signature(own, show_annotation=False, show_return_annotation=False)
    return arguments, returns


def lead_within_the_site(app, page, source):
    """Lead links of the forge to an example to its page in the gallery."""
    source[0] = re.sub(r"\]\(\.\./examples/([\w/]+)\.py\)", r"](gallery/\1.rst)", source[0])


def find_source(app, module, name):
    """Name the module in which a public name is written, for its [source] link."""
    for file in SRC.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(getattr(node, "name", None) == name for node in tree.body):
            return ".".join(["sklstm", *file.relative_to(SRC).with_suffix("").parts])
    return None


def setup(app):
    """Connect the rules above."""
    app.connect("viewcode-follow-imported", find_source)
    app.connect("autodoc-skip-member", skip_what_others_say)
    app.connect("autodoc-process-signature", show_what_init_takes)
    app.connect("source-read", lead_within_the_site)
