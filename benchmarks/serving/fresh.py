"""What does a fresh process need to load a model and forecast once?

    python -m benchmarks.serving.fresh

Beside it stand `import sklearn.linear_model` and a first fit of 400 rows, with programs that were
compiled before and without. Each is a process of its own, and they take turns. Seconds of the clock
and peak memory; medians with (min, max).

Time: two minutes.
Figures: docs/serve.md, "What a process needs".
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.tools.arguments import make_parser
from benchmarks.tools.tables import repeat, to_markdown

PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
FIT = """
import numpy as np
from sklstm import LSTMRegressor
x = np.random.default_rng(0).normal(size=(400, 3)).cumsum(axis=0)
LSTMRegressor(epochs=1, random_state=0).fit(x, x[:, 0])
"""


def measure(program: str, cache: str = "") -> dict[str, float]:
    """Run the program in a fresh process."""
    began = perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", program + PEAK],
        env={**os.environ, "SKLSTM_CACHE_DIR": cache},
        check=True,
        capture_output=True,
        text=True,
    )
    return {"seconds": perf_counter() - began, "MB": float(answer.stdout)}


def save_model(path: Path) -> None:
    from sklstm import LSTMRegressor

    x = np.random.default_rng(0).normal(size=(4000, 3)).cumsum(axis=0)
    path.write_bytes(pickle.dumps(LSTMRegressor(epochs=2, random_state=0).fit(x, x[:, 0])))


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    with tempfile.TemporaryDirectory() as folder:
        model, cache = Path(folder) / "model.pkl", str(Path(folder) / "cache")
        save_model(model)
        measure(FIT, cache)  # fills it
        serve = f"import pickle; pickle.load(open({str(model)!r}, 'rb')).forecast()"
        programs = {
            "import sklearn.linear_model": ("import sklearn.linear_model",),
            "unpickle and forecast": (serve,),
            "first fit": (FIT,),
            "first fit, compiled before": (FIT, cache),
        }
        repeats = parser.parse_args().repeats
        print(to_markdown(repeat(lambda name: measure(*programs[name]), list(programs), repeats)))


if __name__ == "__main__":
    main()
