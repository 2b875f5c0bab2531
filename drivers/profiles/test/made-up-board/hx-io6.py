"""The board of data-sheet.md, made of pymodbus, with a door: its strike on output 1, its contact on contact 1.

    hx-io6.py rtu PATH BAUD UNIT     (or tcp PORT UNIT); lines of JSON as pymodbus-board.py
"""

import asyncio
import importlib.util
import pathlib
import sys
import time

from pymodbus.datastore import ModbusSlaveContext

PEERS = pathlib.Path(__file__).resolve().parents[3] / "test" / "peers"
spec = importlib.util.spec_from_file_location("pymodbus_board", PEERS / "pymodbus-board.py")
peer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(peer)

OUTPUTS = range(100, 106)
TIMED = range(200, 206)
GROUP = 300
CONTACTS = range(0, 6)
ENERGISED = 0x00FF
STEP_S = 0.05
DOOR_OPENS_AFTER_S = 0.2
DOOR_STANDS_OPEN_S = 1.0


class HxIo6(peer.Board):
    def __init__(self):
        super().__init__()
        self.until = [0.0] * 6
        self.opened_from = None
        self.open_until = 0.0
        self.changes = 0
        self.echo = 0
        self.was_open = False

    def validate(self, fc_as_hex, address, count=1):
        wanted = range(address, address + count)
        inside = lambda whole: wanted[0] in whole and wanted[-1] in whole
        if fc_as_hex == 4:
            return inside(CONTACTS)
        if fc_as_hex == 3:
            return inside(OUTPUTS) or inside(TIMED)
        return fc_as_hex == 6 and count == 1 and (inside(OUTPUTS) or inside(TIMED) or address == GROUP)

    def setValues(self, fc_as_hex, address, values):
        value = int(values[0])
        self.writes.append([fc_as_hex, address, [value]])
        self.echo = value
        if address == GROUP or address in OUTPUTS:
            for output in OUTPUTS if address == GROUP else [address]:
                if value in (ENERGISED, 0):
                    self.energise(output - OUTPUTS[0], float("inf") if value else 0.0)
        elif 1 <= value <= 600:
            self.energise(address - TIMED[0], time.monotonic() + value * STEP_S)

    def getValues(self, fc_as_hex, address, count=1):
        self.live()
        if fc_as_hex == 6:
            # pymodbus answers a write by what it reads afterwards; a board echoes what was asked.
            return [self.echo]
        return [self.register(fc_as_hex, at) for at in range(address, address + count)]

    def register(self, fc_as_hex, at):
        if fc_as_hex == 4:
            return (self.changes & 0xFF) << 8 | int(self.was_open) if at == CONTACTS[0] else 0x0700
        return ENERGISED if at in OUTPUTS and self.energised(at - OUTPUTS[0]) else 0

    def energised(self, output):
        return time.monotonic() < self.until[output]

    def energise(self, output, until):
        self.live()
        self.until[output] = until
        if output == 0 and until > 0:
            self.opened_from = time.monotonic() + DOOR_OPENS_AFTER_S

    def live(self):
        """The door opens a moment after its strike, and falls shut a while after that lets go."""
        now = time.monotonic()
        if self.energised(0):
            self.open_until = float("inf")
        elif self.open_until == float("inf"):
            self.open_until = now + DOOR_STANDS_OPEN_S
        is_open = self.opened_from is not None and self.opened_from <= now < self.open_until
        if is_open != self.was_open:
            self.changes += 1
            self.was_open = is_open


def supported(server):
    """Functions 03, 04 and 06 only."""
    table = server.decoder._ServerDecoder__lookup
    for code in set(table) - {3, 4, 6}:
        del table[code]


peer.Board = HxIo6
peer.prepare = supported
assert issubclass(HxIo6, ModbusSlaveContext)
asyncio.run(peer.main(*sys.argv[1:]))
