"""Fuzz the NetFlow version 5 decoder: python tests/fuzz/fuzz_netflow5.py -runs=20000"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import atheris
from flow_target import one_input

if __name__ == "__main__":
    atheris.Setup(sys.argv, lambda data: one_input(5, data))
    atheris.Fuzz()
