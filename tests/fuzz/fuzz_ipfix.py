"""Fuzz the IPFIX decoder: python tests/fuzz/fuzz_ipfix.py -runs=20000"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import atheris
from flow_target import one_input

if __name__ == "__main__":
    atheris.Setup(sys.argv, lambda data: one_input(10, data))
    atheris.Fuzz()
