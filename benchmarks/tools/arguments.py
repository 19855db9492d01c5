"""Command lines: all scripts show their docstring as help and read prices alike."""

import argparse


def make_parser(docstring: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        description=docstring, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_csv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", help="prices: a file with the columns Date, Close and Volume")


def add_seeds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", nargs=2, type=int, default=[0, 20], metavar=("FIRST", "END"))
