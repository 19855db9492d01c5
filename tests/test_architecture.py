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
FACES = sorted(SRC.rglob("__init__.py"))
ROOMS = sorted(set(SRC.rglob("*.py")) - set(FACES))

# A folder, or a file beside the folders, and what it may import besides itself. A new arrow is
# drawn here first. Every folder stands below those that it may import.
MAY_IMPORT = {
    "_sklearn_compat": "",
    "_warnings": "",
    "_documentation": "",
    "_versions": "",
    "_plain_data": "",
    "_threads": "",
    "_callbacks": "",
    "spaces": "",
    "metrics": "",
    "datasets": "",
    "_network": "",
    "_rows": "",
    "_closed_form": "_rows _threads",
    "layers": "_network",
    "_lstm": "_callbacks _closed_form _network _plain_data _rows _threads _versions layers spaces",
    "_nested": "_rows",
    "evaluation": "_closed_form _nested _plain_data _rows _versions metrics",
    "_intervals": "_nested _plain_data _rows _versions",
    "_search.values": "",
    "_search.trials": "_callbacks _nested _rows _search.values evaluation",
    "_search.proposals": "_rows _search.trials _search.values",
    "_search.log": "_search.proposals _search.trials _search.values _versions",
    "_search": "_callbacks _nested _plain_data _rows _search.log _search.proposals _search.trials"
    " _search.values _versions evaluation",
    "plots": "_closed_form _nested _rows _search.proposals _search.trials _search.values",
    "": "_closed_form _intervals _lstm _nested _search _versions evaluation",
}
# What scikit-learn keeps private, warnings and links to the documentation are for everybody.
FOR_ALL = {"_sklearn_compat", "_warnings", "_documentation"}
MOST_FLOORS = 6  # from what imports nothing of ours up to the public names
MAY_START_TENSORFLOW = {
    "layers",
    "_network.start",
    "_network.programs",
    "_network.recurrence",
    "_network.parameters",
    "_network.gradient",
    "_network.training",
}


def name_of(room):
    """The dotted name of a file: _search.log.records; of a folder's own: _search.log."""
    return ".".join(room.relative_to(SRC).with_suffix("").parts).removesuffix("__init__").strip(".")


def folder_of(name):
    """The entry of the picture that a dotted name belongs to: the longest that begins it."""
    return max((entry for entry in MAY_IMPORT if is_inside(name, entry)), key=len)


def is_inside(name, entry):
    return not entry or name == entry or name.startswith(f"{entry}.")


def imported_modules(room):
    """All modules that the file names in an import, inside functions too."""
    nodes = list(ast.walk(ast.parse(room.read_text(encoding="utf-8"))))
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return names + [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]


def our_imports(room):
    """The rooms of this package that the file imports, as dotted names without sklstm."""
    names = [name for name in imported_modules(room) if name.split(".")[0] == "sklstm"]
    return {name.removeprefix("sklstm").removeprefix(".") for name in names}


def find_circle(arrows):
    """What is left of the arrows once all is taken away that imports nothing left."""
    arrows = dict(arrows)
    while free := [name for name, others in arrows.items() if not others & set(arrows)]:
        for name in free:
            del arrows[name]
    return arrows


def test_the_picture_shows_exactly_the_folders_that_exist():
    """Oracle: the folders, and the files beside them."""
    folders = {name_of(face) for face in FACES}
    files = {name_of(room) for room in ROOMS if room.parent == SRC}
    assert set(MAY_IMPORT) == folders | files


@pytest.mark.parametrize("room", [*FACES, *ROOMS], ids=name_of)
def test_a_room_imports_only_what_the_picture_allows(room):
    own = folder_of(name_of(room))
    folders = {folder_of(name) for name in our_imports(room)} - {own} - FOR_ALL
    assert folders <= set(MAY_IMPORT[own].split())


@pytest.mark.parametrize("room", [*FACES, *ROOMS], ids=name_of)
def test_a_room_names_the_room_that_it_imports_from(room):
    """Oracle: the rule; the face of a folder, and of the package, is for users."""
    assert not our_imports(room) & {name_of(face) for face in FACES}


def test_the_folders_have_no_circle_and_few_floors():
    arrows = {folder: set(others.split()) for folder, others in MAY_IMPORT.items()}
    assert not find_circle(arrows)
    floors = {}
    for folder in sorted(arrows, key=lambda folder: len(find_below(folder, arrows))):
        floors[folder] = 1 + max((floors[other] for other in arrows[folder]), default=0)
    of_folders = {floors[f"{folder}"] for folder in arrows if not folder.startswith("_search.")}
    assert len(of_folders) <= MOST_FLOORS


def find_below(folder, arrows):
    """All that a folder imports, directly or not."""
    below = set(arrows[folder])
    return below.union(*(find_below(other, arrows) for other in below))


def test_the_rooms_have_no_circle():
    assert not find_circle({name_of(room): our_imports(room) for room in ROOMS})


def test_no_arrow_of_the_picture_is_without_an_import():
    """Oracle: the imports; an arrow that nobody needs is taken away."""
    drawn = {(folder, other) for folder, others in MAY_IMPORT.items() for other in others.split()}
    needed = {
        (folder_of(name_of(room)), folder_of(name))
        for room in [*FACES, *ROOMS]
        for name in our_imports(room)
    }
    assert drawn <= needed


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_one_room_alone_imports_what_scikit_learn_keeps_private(room):
    """Oracle: the underscore that such a name, or its module, begins with."""
    nodes = ast.walk(ast.parse(room.read_text(encoding="utf-8")))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = [f"{node.module}.{alias.name}" for node in imports for alias in node.names]
    private = [name for name in names if name.startswith("sklearn.") and "._" in name]
    assert not private or name_of(room) == "_sklearn_compat"


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_only_the_layers_and_the_training_import_tensorflow(room):
    roots = {name.split(".")[0] for name in imported_modules(room)}
    assert name_of(room) in MAY_START_TENSORFLOW or not roots & {"tensorflow", "keras"}


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_each_room_has_its_test_file(room):
    """Oracle: the same folders, without the underscores that say what is ours."""
    *folders, file = (part.removeprefix("_") for part in room.relative_to(SRC).parts)
    assert TESTS.joinpath(*folders, f"test_{file}").exists()


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


def test_importing_the_package_imports_nothing_else():
    """Oracle: the modules of a fresh interpreter; what is slow to import is imported when used."""
    program = "import sys, sklstm; print(sorted({name.split('.')[0] for name in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    modules = set(ast.literal_eval(answer.stdout.decode()))
    assert "sklstm" in modules
    assert not modules & {"numpy", "pandas", "scipy", "sklearn", "skopt", "joblib"}


def test_the_face_shows_exactly_its_public_names():
    """Oracle: what is public has no underscore; the modules, by the listing."""
    modules = [path.stem for path in SRC.iterdir() if is_public_module(path)]
    assert sorted(dir(sklstm)) == sorted([*sklstm.__all__, *modules])
    for name in dir(sklstm):
        assert getattr(sklstm, name) is getattr(sklstm, name)


def is_public_module(path):
    return not path.name.startswith("_") and (
        path.suffix == ".py" or (path / "__init__.py").exists()
    )


def test_a_name_that_is_not_there_is_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="module 'sklstm' has no attribute 'LSTMClassifier'"):
        sklstm.LSTMClassifier  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'LSTMClassifier'"):
        from sklstm import LSTMClassifier  # noqa: F401
