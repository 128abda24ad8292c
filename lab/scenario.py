"""What happens in the lab: the lines, whom their terminals talk to, and the truth that the recording is judged by.

Names and addresses are invented; addresses are those set aside for documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.traffic import Errand

COMMAND4, COMMAND6, COMMAND_PORT = "203.0.113.66", "2001:db8:f00::66", 8443
NEIGHBOUR = "203.0.113.67"
WEB4, WEB6, FILES, NAMES, PLAY = "203.0.113.10", "2001:db8:f00::10", "203.0.113.20", "203.0.113.53", "203.0.113.90"
SERVERS = (COMMAND4, COMMAND6, NEIGHBOUR, WEB4, WEB6, FILES, NAMES, PLAY)
PORTS = ("80/tcp", "443/tcp", "587/tcp", f"{COMMAND_PORT}/tcp", "53/udp", "443/udp", "27015/udp")
REUSED = "198.51.100.30"


@dataclass(frozen=True)
class Line:
    """A subscriber line as the register has it, and what its terminals do. `address4` is what RADIUS hands out."""

    number: int
    id: str
    user: str
    address4: str
    name: str
    mail: str
    language: str
    infected: str = ""

    @property
    def delegated6(self) -> str:
        return f"2001:db8:100:{self.number:x}00::/56"

    @property
    def wan6(self) -> str:
        return f"2001:db8:100:{0xF000 + self.number:x}::/64"

    @property
    def address6(self) -> str:
        return f"2001:db8:100:{self.number:x}01::10"


LINES = (
    Line(1, "L-1001", "fiber1001@isp.example", "198.51.100.11", "髙﨑 美咲", "misaki@mail.example", "ja", "4"),
    Line(2, "L-1002", "fiber1002@isp.example", "198.51.100.12", "渡邉 健", "ken.watanabe@mail.example", "ja"),
    Line(3, "L-1003", "fiber1003@isp.example", "198.51.100.13", "齋藤 𠮷郎", "yoshiro@mail.example", "ja", "6"),
    Line(4, "L-1004", "fiber1004@isp.example", "198.51.100.14", "Maria Nováková", "maria@mail.example", "en"),
    Line(5, "L-1005", "fiber1005@isp.example", "198.51.100.15", "辻󠄀 さくら", "sakura@mail.example", "ja"),
    Line(6, "L-1006", "fiber1006@isp.example", "198.51.100.16", "Tom O'Brien", "tom@mail.example", "en", "4"),
    Line(7, "L-1007", "fiber1007@isp.example", REUSED, "濵田 学", "manabu@mail.example", "ja"),
    Line(8, "L-1008", "fiber1008@isp.example", REUSED, "中村 結衣", "yui@mail.example", "ja"),
)
"""Line 7 has the reused address first; line 8 gets it seconds after."""


def _ordinary(line: Line, seconds: float) -> list[Errand]:
    """What every line does: names looked up, pages fetched over both families, now and then a file, mail or a game."""
    errands = []
    step = 7.0 + line.number * 0.6
    for turn in range(int(seconds / step)):
        after = turn * step + line.number * 0.37
        web = WEB6 if turn % 3 == 1 else WEB4
        errands.append(Errand(after, NAMES, 53, "udp", 45, 120))
        errands.append(Errand(after + 0.05, web, 443, "tcp", 300, 9_000 + 1_700 * line.number))
        if turn % 4 == 2:
            errands.append(Errand(after + 0.9, FILES, 80, "tcp", 120, 60_000 + 9_000 * line.number))
        if turn % 5 == 3:
            errands.append(Errand(after + 1.4, WEB4, 443, "udp", 700, 1_100))
    return errands


def _command(line: Line, seconds: float) -> list[Errand]:
    """An infected terminal calls its server again and again, never quite on the beat."""
    host = COMMAND6 if line.infected == "6" else COMMAND4
    step = 9.0 + line.number * 0.5
    return [Errand(3 + n * step + (n * 7 % 5) * 0.21, host, COMMAND_PORT, "tcp", 160, 240) for n in range(int((seconds - 3) / step))]


def errands(line: Line, seconds: float) -> list[Errand]:
    """Everything one line's terminals do in `seconds`, except the two that share an address: `holder` and `follower`."""
    done = _ordinary(line, seconds)
    if line.infected:
        done += _command(line, seconds)
    if line.number == 2:  # an ordinary page on the very machine the list names, at another port
        done += [Errand(5 + 13 * n, COMMAND4, 80, "tcp", 200, 4_000) for n in range(max(1, int(seconds / 13)))]
    if line.number == 4:  # the machine next door, at the very port the list names
        done += [Errand(6 + 11 * n, NEIGHBOUR, COMMAND_PORT, "tcp", 200, 2_500) for n in range(max(1, int(seconds / 11)))]
    if line.number == 5:  # a game, many small datagrams
        done += [Errand(2 + 0.5 * n, PLAY, 27015, "udp", 90, 180) for n in range(int(seconds))]
    return done


def holder(seconds: float) -> list[Errand]:
    """Line 7, until it loses the address: its last act, a second before, is one contact with the listed server."""
    kept = [e for e in _ordinary(LINES[6], seconds) if e.after < seconds - 2]
    return [*kept, Errand(seconds - 1, COMMAND4, COMMAND_PORT, "tcp", 160, 240)]


def follower(seconds: float) -> list[Errand]:
    """Line 8, once it has the address."""
    return _ordinary(LINES[7], seconds)


def truth() -> dict[str, object]:
    """What a right reading of the recording must come to."""
    return {
        "listed": [{"address": COMMAND4, "port": COMMAND_PORT}, {"address": COMMAND6, "port": COMMAND_PORT}],
        "infected": [
            {"line": line.id, "address": line.address6 if line.infected == "6" else line.address4} for line in LINES if line.infected
        ],
        "ambiguous": [{"address": REUSED, "lines": [LINES[6].id, LINES[7].id]}],
        "clean": [line.id for line in LINES if not line.infected and line.number not in (7, 8)],
        "looks_alike": {
            LINES[1].id: "the listed machine at a port that is not listed",
            LINES[3].id: "the listed port at a machine that is not listed",
        },
    }
