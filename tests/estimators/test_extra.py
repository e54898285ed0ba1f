"""Without scikit-learn."""

import subprocess
import sys


def test_its_absence_gives_a_sentence_that_names_the_extra():
    code = "import sys; sys.modules['sklearn'] = None\nimport homotopy.fits\nimport homotopy.estimators"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = ended.stderr.strip().splitlines()[-1]
    assert last.endswith("homotopy.estimators needs the extra sklearn: pip install 'homotopy-opt[sklearn]'")
