"""Print the lowest versions that pyproject.toml allows, of the run-time dependencies and of extras, for pip.

``python .ci/lowest.py`` prints those of the package itself, ``python .ci/lowest.py dask yaml`` those of extras too.
"""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
wanted = list(project["dependencies"])
for extra in sys.argv[1:]:
    wanted += project["optional-dependencies"][extra]
for line in wanted:
    found = re.fullmatch(r"([\w.-]+)>=([\d.]+)", line)
    if not found:
        sys.exit(f"{line!r} has no lowest version, as in name>=1.2")
    print(f"{found[1]}=={found[2]}")
