"""Which programs sklstm compiled in this process, from its log."""

import logging
from logging.handlers import BufferingHandler

_LOG = logging.getLogger("sklstm")
_HEARD = BufferingHandler(capacity=10_000)
_HEARD.addFilter(lambda record: record.msg.startswith("Compiled a program"))


def listen() -> None:
    """Keep from now on what this process says about compiling."""
    _LOG.setLevel(logging.INFO)
    _LOG.addHandler(_HEARD)


def list_compiled() -> list[tuple[str, float]]:
    """List the shape of each program, and the seconds that it took to compile."""
    return [(str(record.args[0]), record.args[1]) for record in _HEARD.buffer]
