"""Sphinx: how the pages of this folder, the docstrings and the examples become a site."""

import re

from sphinx.util.inspect import signature, stringify_signature

import sklstm

project = "sklstm"
author = copyright = "sklstm developers"
release = version = sklstm.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "myst_parser",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
html_title = f"sklstm {release}"
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False

myst_heading_anchors = 3  # links of the form page.md#heading, as they work on the forge

numpydoc_show_class_members = False  # the class template lists them
autodoc_typehints = "none"  # docstrings tell types in the words of a user

nitpicky = True  # each name that a docstring refers to must lead somewhere
# No inventory of these is fetched, so that the build needs no network.
nitpick_ignore_regex = [
    ("py:.*", r"(sklearn|skopt|keras|joblib|matplotlib)\..*"),
    ("py:obj", "n_features_in_|classes_"),  # of scikit-learn's base class
]
suppress_warnings = ["ref.term"]  # scikit-learn's glossary, in its docstrings of these two

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


def setup(app):
    """Connect the rules above."""
    app.connect("autodoc-skip-member", skip_what_others_say)
    app.connect("autodoc-process-signature", show_what_init_takes)
    app.connect("source-read", lead_within_the_site)
