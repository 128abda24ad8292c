"""A film prepared as HLS (RFC 8216) is encrypted, segment by segment, where it lies. The key goes to `keep` and stays nowhere else.

One media playlist and its MPEG-TS segments, as `ffmpeg -i film.mp4 -c copy -f hls -hls_playlist_type vod film/list.m3u8` makes them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.ts")
KEPT = ("#EXTM3U", "#EXT-X-VERSION:", "#EXT-X-TARGETDURATION:", "#EXTINF:", "#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE:VOD")
LEFT_OUT = ("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-ALLOW-CACHE:")
LIST, KEY_NAME = "list.m3u8", "key"
SYNC = 0x47


class FilmError(ValueError):
    """The folder holds no film we can encrypt; says which file, which line, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


@dataclass(frozen=True)
class Film:
    """The lines of its playlist, and its segments in order."""

    lines: tuple[str, ...]
    segments: tuple[Path, ...]


def read_film(folder: Path) -> Film:
    """The one playlist of a folder. Raises FilmError for what is not a plain VOD list of MPEG-TS segments beside it."""
    lists = sorted(folder.glob("*.m3u8"))
    if len(lists) != 1:
        raise FilmError(str(folder), f"{len(lists)} playlists; one is wanted")
    lines, segments = [], list[Path]()
    for number, line in enumerate(lists[0].read_text(encoding="utf-8").splitlines(), 1):
        where = f"{lists[0].name} line {number}"
        if not line.strip() or line.startswith(LEFT_OUT):
            continue
        if not line.startswith("#"):
            segments.append(_segment(folder, line.strip(), where))
        elif not line.startswith(KEPT):
            raise FilmError(where, "not of a plain VOD playlist of MPEG-TS segments")
        lines.append(line.strip())
    if not segments or lines[0] != "#EXTM3U" or lines[-1] != "#EXT-X-ENDLIST":
        raise FilmError(lists[0].name, "empty, or without its end")
    return Film(tuple(lines), tuple(segments))


def _segment(folder: Path, name: str, where: str) -> Path:
    if not NAME.fullmatch(name) or not (folder / name).is_file():
        raise FilmError(where, "no .ts file of this name beside the playlist")
    with (folder / name).open("rb") as stream:
        if stream.read(1) != bytes([SYNC]):
            raise FilmError(where, "not MPEG-TS")
    return folder / name


def segment_name(number: int) -> str:
    """The name an encrypted segment has."""
    return f"s{number:05}.ts"


def encrypt(film: Film, to: Path, key: bytes) -> tuple[str, ...]:
    """Writes list and segments into the new folder `to`; the digests of the segments as they were. Raises OSError."""
    to.mkdir(parents=True)
    digests = []
    for number, path in enumerate(film.segments):
        raw = path.read_bytes()
        digests.append(hashlib.sha256(raw).hexdigest())
        (to / segment_name(number)).write_bytes(_encrypted(raw, key, number))
    (to / LIST).write_text("\n".join(_list(film.lines)) + "\n", encoding="utf-8")
    return tuple(digests)


def _encrypted(raw: bytes, key: bytes, number: int) -> bytes:
    """The initialisation vector is the segment's number, as RFC 8216 5.2 says where the list names none."""
    padder = PKCS7(128).padder()
    sealer = Cipher(AES128(key), CBC(number.to_bytes(16))).encryptor()
    return sealer.update(padder.update(raw) + padder.finalize()) + sealer.finalize()


def _list(lines: Sequence[str]) -> list[str]:
    """The same list with our names, and where the key is: behind the session."""
    made, number = list[str](), 0
    for line in lines:
        if line.startswith("#EXTINF:") and number == 0 and not any(m.startswith("#EXT-X-KEY") for m in made):
            made.append(f'#EXT-X-KEY:METHOD=AES-128,URI="{KEY_NAME}"')
        if line.startswith("#"):
            made.append(line)
        else:
            made.append(segment_name(number))
            number += 1
    return made
