"""The address of the documentation, and the link to it in an estimator's diagram."""

DOCUMENTATION = "https://sklstm.readthedocs.io/en/latest/"  # as in pyproject.toml


class LinksToDocumentation:
    """Gives an estimator's diagram a link to the estimator's page."""

    _doc_link_module = "sklstm"
    _doc_link_template = DOCUMENTATION + "generated/{estimator_module}.{estimator_name}.html"
