"""Who may import whom: the one picture of the package, held against the code."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import sklstm

SRC = Path(sklstm.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(SRC.rglob("[!_]*.py"))
FACES = sorted(SRC.rglob("__init__.py"))

# A room, and the rooms that it may import. A new arrow is drawn here first.
MAY_IMPORT = {
    "columns": "",
    "labels": "",
    "recognition": "",
    "tables": "",
    "number_columns": "tables",
    "windows": "",
    "history": "labels number_columns recognition windows",
    "door": "labels missing number_columns unreadable",
    "targets": "columns means",
    "missing": "tables",
    "unreadable": "tables",
    "means": "",
    "kinds": "",
    "scaling": "kinds means targets",
    "examples": "scaling windows",
    "sizes": "",
    "network": "sizes",
    "backend": "",
    "layers": "backend network",
    "programs": "",
    "recurrence": "network",
    "parameters": "network sizes",
    "gradient": "parameters recurrence sizes",
    "training": "gradient parameters programs recurrence sizes",
    "batches": "examples gradient network scaling sizes training windows",
    "epochs": "batches examples gradient network scaling sizes training windows",
    "spaces": "",
    "dimensions": "description",
    "parts": "",
    "metadata": "parts",
    "versions": "",
    "regressor": "columns door epochs examples history labels layers means number_columns scaling"
    " sizes spaces targets versions windows",
    "baselines": "door history means number_columns targets versions",
    "description": "syntax",
    "syntax": "",
    "scoring": "",
    "routing": "metadata scoring",
    "callbacks": "",
    "averages": "",
    "pruning": "averages",
    "residuals": "",
    "trials": "averages folds scoring",
    "fits": "averages between callbacks metadata parts residuals trials",
    "rounds": "callbacks fits folds pruning trials",
    "starts": "dimensions trials",
    "surrogate": "",
    "losses": "means trials",
    "optimizer": "dimensions losses starts surrogate trials",
    "plan": "dimensions optimizer starts",
    "problem": "description dimensions plan pruning scoring starts trials versions",
    "log": "description records trials",
    "warm_start": "description dimensions log problem records scoring starts trials",
    "gap": "metadata number_columns parts targets",
    "own_row": "columns metadata number_columns parts targets",
    "audit": "dimensions folds gap labels own_row parts trials",
    "records": "description trials",
    "memory": "description log trials",
    "loop": "callbacks memory optimizer plan pruning rounds trials",
    "units": "",
    "progress": "loop trials units",
    "choice": "scoring",
    "results": "averages description dimensions scoring trials units",
    "forecasting": "inside",
    "folds": "labels",
    "lags": "columns door history number_columns targets windows",
    "skill": "means",
    "rivals": "baselines lags number_columns parts",
    "evaluation": "baselines between columns folds gap labels means own_row rivals skill",
    "report": "evaluation fits gap labels metadata number_columns own_row rivals trials units",
    "inside": "",
    "between": "forecasting",
    "workers": "",
    "search": "audit callbacks choice dimensions fits folds forecasting gap labels log loop memory"
    " metadata optimizer parts plan problem progress report results routing scoring starts trials"
    " units versions warm_start workers",
    "intervals": "folds forecasting gap labels metadata own_row parts versions",
    "metrics": "",
    "datasets": "",
    "plots.axes": "",
    "plots.times": "labels",
    "plots.scores": "trials units",
    "plots.searched_space": "dimensions losses plots.scores surrogate trials units",
    "plots.convergence": "plots.axes plots.scores trials units",
    "plots.influence": "plots.axes plots.searched_space",
    "plots.forecasts": "plots.axes plots.times",
    "plots.loss_curve": "inside plots.axes",
    "plots.errors": "plots.axes plots.forecasts plots.times",
    "plots.splits": "folds plots.axes plots.times plots.window",
    "plots.window": "inside plots.axes windows",
}
MAY_START_TENSORFLOW = {
    "layers",
    "programs",
    "recurrence",
    "parameters",
    "gradient",
    "training",
}


def name_of(room):
    """The dotted name of a room: plots.axes."""
    return ".".join(room.relative_to(SRC).with_suffix("").parts)


def imported_modules(room):
    """All modules that the file names in an import, inside functions too."""
    nodes = list(ast.walk(ast.parse(room.read_text(encoding="utf-8"))))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return names + [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]


def test_the_picture_shows_exactly_the_rooms_that_exist():
    assert set(MAY_IMPORT) == set(map(name_of, ROOMS))


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_imports_only_what_the_picture_allows(room):
    ours = {name for name in imported_modules(room) if name.split(".")[0] == "sklstm"}
    assert ours <= {f"sklstm.{other}" for other in MAY_IMPORT[name_of(room)].split()}


def test_the_picture_has_no_circle():
    arrows = {room: set(others.split()) for room, others in MAY_IMPORT.items()}
    while free := [room for room, others in arrows.items() if not others & set(arrows)]:
        for room in free:
            del arrows[room]
    assert not arrows


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_only_the_layers_and_the_training_import_tensorflow(room):
    roots = {name.split(".")[0] for name in imported_modules(room)}
    assert name_of(room) in MAY_START_TENSORFLOW or not roots & {"tensorflow", "keras"}


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_each_room_has_its_test_file(room):
    assert (TESTS / room.relative_to(SRC).with_name(f"test_{room.name}")).exists()


@pytest.mark.parametrize("room", [*FACES, *ROOMS], ids=name_of)
def test_a_room_says_in_its_first_line_what_it_is_for(room):
    docstring = ast.get_docstring(ast.parse(room.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith(".")


def in_a_fresh_interpreter(expression):
    """Value of the expression after `import sklstm.plots`, thus sklstm, and nothing else."""
    program = f"import json, sys, sklstm.plots; print(json.dumps({expression}))"
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return json.loads(answer.stdout)


def test_importing_the_package_brings_in_nothing_heavy():
    heavy = {"tensorflow", "keras", "matplotlib"}
    assert not heavy & set(in_a_fresh_interpreter("list(sys.modules)"))


def test_the_face_shows_exactly_its_public_names():
    shown = in_a_fresh_interpreter(
        "[name for name, value in vars(sklstm).items()"
        " if not name.startswith('_') and type(value) is not type(sys)]"
    )
    assert sorted([*shown, "__version__"]) == sorted(sklstm.__all__)
