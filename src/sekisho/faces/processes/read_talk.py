"""Reads mails of masked talks: bytes of strangers. A short-lived child of `act` with no right, as `read_return.py` describes it."""

from __future__ import annotations

from sekisho.desk.talking.own_said import MOST, said
from sekisho.faces.processes.read_return import main

if __name__ == "__main__":
    main(said, MOST)
