"""What reading a file costs, measured in a process of its own: its peak of memory and how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
_CHILD = """
import json, resource, sys
from pathlib import Path

{prepare}
data = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    {read}
    said = None
except ValueError as error:
    said = str(error)
after = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([(after - before) * (1 if sys.platform == "darwin" else 1024), said]))
"""


def cost(path: Path, prepare: str, read: str) -> tuple[int, str | None]:
    """Bytes by which reading the file raised the peak of memory, and the sentence it was refused with.

    Parameters
    ----------
    path : the file, whose bytes stand in `data`
    prepare : lines that import what is needed
    read : the expression that reads `data`
    """
    code = _CHILD.format(prepare=prepare, read=read)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    size, said = json.loads(done.stdout)
    return size, said
