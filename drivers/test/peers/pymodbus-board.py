"""A Modbus board made of pymodbus (Debian: python3-pymodbus, python3-serial-asyncio): a peer that nobody here wrote.

    pymodbus-board.py rtu PATH BAUD UNIT
    pymodbus-board.py tcp PORT UNIT          (loopback; port 0 takes a free one)

Says {"ready": PORT} in a line, then answers each line of JSON on its input with one line:

    {"set": "coils"|"inputs"|"holding"|"input-registers", "address": N, "values": [...]}
    {"get": "coils"|"inputs"|"holding"|"input-registers", "address": N, "count": N}
    {"writes": true}       every write so far, as [function, address, [values]]

It holds addresses 0 to 4095 of each kind, all 0. Ends with its input.
"""

import asyncio
import json
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

FUNCTIONS = {"coils": 1, "inputs": 2, "holding": 3, "input-registers": 4}
WRITES = (5, 6, 15, 16, 22, 23)
SIZE = 4096


class Board(ModbusSlaveContext):
    """Notes what a master writes; the lines on standard input go past that."""

    def __init__(self):
        # zero_mode: addresses on the wire and in the store are the same.
        super().__init__(
            di=ModbusSequentialDataBlock(0, [0] * SIZE),
            co=ModbusSequentialDataBlock(0, [0] * SIZE),
            hr=ModbusSequentialDataBlock(0, [0] * SIZE),
            ir=ModbusSequentialDataBlock(0, [0] * SIZE),
            zero_mode=True,
        )
        self.writes = []

    def setValues(self, fc_as_hex, address, values):
        if fc_as_hex in WRITES:
            self.writes.append([fc_as_hex, address, [int(value) for value in values]])
        super().setValues(fc_as_hex, address, values)


def prepare(server):
    """What a board of its own does to the server before it starts; nothing here."""


def answer(board, order):
    if "set" in order:
        ModbusSlaveContext.setValues(board, FUNCTIONS[order["set"]], order["address"], order["values"])
        return {"ok": True}
    if "get" in order:
        values = board.getValues(FUNCTIONS[order["get"]], order["address"], order["count"])
        return {"values": [int(value) for value in values]}
    return {"writes": board.writes}


async def serve(kind, where, unit, baud, board):
    context = ModbusServerContext(slaves={unit: board}, single=False)
    if kind == "tcp":
        server = ModbusTcpServer(context, framer=ModbusSocketFramer, address=("127.0.0.1", int(where)))
        prepare(server)
        task = asyncio.ensure_future(server.serve_forever())
        await server.serving
        return task, server.server.sockets[0].getsockname()[1]
    # A unit that is not on this line is not answered for: others may be.
    server = ModbusSerialServer(
        context, framer=ModbusRtuFramer, port=where, baudrate=baud, ignore_missing_slaves=True
    )
    prepare(server)
    await server.start()
    return asyncio.ensure_future(server.serve_forever()), 0


async def main(kind, where, *rest):
    baud, unit = (int(rest[0]), int(rest[1])) if kind == "rtu" else (0, int(rest[0]))
    board = Board()
    task, port = await serve(kind, where, unit, baud, board)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    print(json.dumps({"ready": port}), flush=True)
    while line := await reader.readline():
        print(json.dumps(answer(board, json.loads(line))), flush=True)
    task.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
