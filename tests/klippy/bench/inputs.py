"""Seeded requests for the hostile protocol: valid, wrong, huge and malformed."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any, Callable

# Names in the config of the hostile protocol.
GROUPS = ("left", "right", "shelf", "net", "chain", "room")
STRIPS = ("case", "shelf", "net", "chain")

EFFECTS = ("off", "solid", "pulse", "heartbeat", "disco", "rainbow", "fire", "comet", "chase")
COLORS = ("red", "ice", "ff8800", "00ff0080", "Steel", "white")
STATES = ("idle", "heating", "printing", "paused", "homing", "error", "complete", "sleep")
OPERATIONS = ("homing", "meshing", "leveling", "probing", "filament")
HUGE_BYTES = 2_000_000
# These are refused outside of test mode.
NEED_TEST = (
    "test_stop",
    "test_next_state",
    "test_prev_state",
    "test_next_effect",
    "test_prev_effect",
)
# Klipper parses G-code character by character in Python: 4 kB take some milliseconds.
SCRIPT_CHARS = 4_000
# Klipper logs the whole text of a line that it cannot parse.
MALFORMED_BYTES = 2_000

# Klipper's JSON parser refuses half a surrogate pair, NaN and infinity. Requests with them are
# among the malformed lines.
PIECES = (
    "a",
    "left",
    " ",
    "\t",
    "\x00",
    "\x1b[31m",
    "\r",
    "%s%n",
    "{}",
    "'",
    '"',
    "ä",
    "\u202e",
    "\U0001f4a5",
    "rainbow ",
    "../",
    "0",
    "9",
    "=",
    ",",
)
NUMBERS = (0, -1, 1e308, "nan", "-inf", "1e400", -0.0, 2**63, 1e-320, "\u0661", "1_0", "0x10")


@dataclass(frozen=True)
class Ask:
    """One request to Klipper's API server."""

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    # Whether it must succeed, unless the engine is busy.
    is_valid: bool = False


Params = dict[str, Any]


class Inputs:
    """Creates requests; the same seed gives the same ones."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self._has_been_huge = False
        pick = self.random.choice
        whole = self.random.randrange
        self._valid: dict[str, Callable[[], Params]] = {
            "status": lambda: pick(({}, {"profile": "1"})),
            "set": self._set,
            "state": lambda: {"state": pick(STATES), "duration": pick((0.5, "2", 5))},
            "clear": lambda: pick(({}, {"group": pick(GROUPS)})),
            "off": lambda: {"group": pick(GROUPS)},
            "on": lambda: pick(({}, {"group": pick(GROUPS)})),
            "brightness": lambda: {"value": pick((0, 1, "0.5", 0.25)), "fade": pick((0, "0.2"))},
            "flash": lambda: {"color": pick(COLORS), "count": whole(1, 6), "GROUP": pick(GROUPS)},
            "wake": dict,
            "effects": dict,
            "colors": dict,
            "test": lambda: {"state": pick(STATES), "duration": 1},
            "test_start": lambda: {"duration": 2},
            "test_stop": dict,
            "test_next_state": dict,
            "test_prev_state": dict,
            "test_next_effect": lambda: {"group": pick(GROUPS)},
            "test_prev_effect": dict,
            "preview": lambda: {"strip": pick(STRIPS)},
            "profile": dict,
        }

    @property
    def endpoints(self) -> list[str]:
        """Returns the names of all endpoints except `reload` and `doctor`."""
        return list(self._valid)

    def valid(self) -> Ask:
        """Returns a valid request."""
        name = self.random.choice(self.endpoints)
        return Ask("lumen/" + name, self._valid[name](), name not in NEED_TEST)

    def wrong(self) -> Ask:
        """Returns a request with wrong values, types or names, or with missing parameters."""
        name = self.random.choice(self.endpoints)
        params = self._valid[name]()
        for _ in range(self.random.randrange(1, 4)):
            key = self.random.choice([*params, self._word(20), "group", "duration"])
            params[key] = self._value()
        if self.random.random() < 0.3 and params:
            del params[self.random.choice(list(params))]
        return Ask("lumen/" + name, params)

    def huge(self) -> Ask:
        """Returns a request with one value, many values or a list, of up to 2 MB."""
        name = self.random.choice(self.endpoints)
        params = self._valid[name]()
        size = int(10.0 ** self.random.uniform(3.5, 6.3))
        key = self.random.choice([*params, "color", "group"])
        kind = self.random.randrange(5)
        if not self._has_been_huge:
            # The requests that need most memory come while the memory may still grow.
            self._has_been_huge = True
            size, kind = HUGE_BYTES, 0
        if kind == 0:
            params.update({"%s%d" % (key, index): index for index in range(size // 16)})
        elif kind == 1:
            params[key] = list(range(size // 8))
        elif kind == 2:
            params[self._repeat(size)] = "1"
        else:
            params[key] = self._repeat(size)
        return Ask("lumen/" + name, params)

    def script(self) -> tuple[str, bool]:
        """Returns a G-code command, and whether it is valid."""
        if self.random.random() < 0.2:
            return self._led_script(), False
        if self.random.random() < 0.1:
            state, word = self.random.choice(OPERATIONS), self.random.choice(("START", "END"))
            return "LUMEN_%s_%s" % (state.upper(), word), True
        choose = self.random.choices((self.valid, self.wrong, self._long), (5, 4, 1))[0]
        ask = choose()
        name = ask.method.partition("/")[2]
        if name in ("preview", "profile"):
            name = "help"
        words = ["%s=%s" % (_plain(key), _plain(str(it))) for key, it in ask.params.items()]
        script = " ".join(["LUMEN_" + name.upper(), *words])[:SCRIPT_CHARS]
        return script, ask.is_valid and name != "help"

    def malformed(self) -> bytes:
        """Returns a line that is not a request; nothing waits for its answer."""
        method = b'{"id": 7, "method": "lumen/%s", "params": ' % self.random.choice(
            (b"set", b"status", b"reload", b"flash")
        )
        lines = (
            b"",
            b"{",
            b"null",
            b"[" * self.random.randrange(1, 400),
            method + b"}",
            method + b"[]}",
            method + b"null}",
            method + b'{"color": "\xff\xfe\xc0\x80"}}',
            method + b'{"color": "\x00\x01\x1b"}}',
            method + b'{"color": NaN, "group": Infinity}}',
            method + b'{"color": "\\ud800\\udfff\\ud800"}}',
            method + b'{"group": "left", "group": "right", "color": "red"}}',
            method + b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}}",
            b'{"method": 5, "params": {}, "id": 1}',
            b'{"method": "lumen/set", "params": {"group": "left"}, "id": {"a": []}}',
            self.random.getrandbits(8 * 64).to_bytes(64, "little").replace(b"\x03", b"\x04"),
            self._repeat(MALFORMED_BYTES // 4).encode(),
        )
        return self.random.choice(lines)

    def _set(self) -> Params:
        pick = self.random.choice
        params: Params = {"group": pick((*GROUPS, "all")), "effect": pick(EFFECTS)}
        if params["group"] in ("room", "all"):
            params["effect"] = pick(("off", "pulse"))
        if params["effect"] in ("solid", "pulse", "comet"):
            params["color"] = pick(COLORS)
        return {**params, "duration": pick((0.5, 3, "10")), "fade": pick((0, 0.3, "1"))}

    def _long(self) -> Ask:
        params = {"group": "left", "effect": "solid", "color": self._repeat(SCRIPT_CHARS)}
        return Ask("lumen/" + self.random.choice(("set", "flash", "state")), params)

    def _led_script(self) -> str:
        pick = self.random.choice
        led = "LED=" + pick((*GROUPS, "nosuch", "", _plain(self._word(80))))
        value = pick(("0.5", "1", "7", "-1", "nan", "x", ""))
        index = "INDEX=%s" % pick(("1", "30", "9999", "0", "-3", "x"))
        scripts = (
            "SET_LED %s RED=%s %s TRANSMIT=%d" % (led, value, index, self.random.randrange(2)),
            "SET_LED %s GREEN=%s" % (led, value),
            "SET_LED_EFFECT EFFECT=%s STOP=%s" % (_plain(self._word(30)), value),
            "STOP_LED_EFFECTS LEDS=%s" % _plain(self._word(30)),
        )
        return pick(scripts)

    def _word(self, longest: int) -> str:
        count = self.random.randrange(longest)
        return "".join(self.random.choices(PIECES, k=count))[:longest]

    def _repeat(self, size: int) -> str:
        """Returns a word of random parts, with at most this many bytes of UTF-8."""
        word = self._word(12) or "x"
        return word * (size // len(json.dumps(word)))

    def _value(self) -> Any:
        pick = self.random.choice
        nested: Any = "x"
        for _ in range(self.random.randrange(1, 200)):
            nested = [nested] if self.random.random() < 0.5 else {"a": nested}
        return pick(
            (
                None,
                True,
                [],
                {},
                nested,
                pick(NUMBERS),
                self._word(40),
                self._word(1200),
                "rainbow " * 40,
                "left\nM112",
                pick(EFFECTS) + "x",
            )
        )


def _plain(text: str) -> str:
    """Returns a word for a G-code command, without characters that Klipper refuses or that end a
    line."""
    banned = " \t\r\n\"'\\;#*="
    return "".join(letter for letter in text if letter not in banned and letter < "\ud800")
