"""A Modbus RTU board made of libmodbus (Debian: libmodbus5), called by its C names: a peer that nobody here wrote.

    libmodbus-board.py rtu PATH BAUD UNIT

Says {"ready": 0} in a line, then answers the same lines of JSON as pymodbus-board.py.
"""

import ctypes
import json
import select
import sys

lib = ctypes.CDLL("libmodbus.so.5", use_errno=True)


class Mapping(ctypes.Structure):
    """modbus_mapping_t of modbus.h, version 3.1."""

    _fields_ = [
        ("nb_bits", ctypes.c_int),
        ("start_bits", ctypes.c_int),
        ("nb_input_bits", ctypes.c_int),
        ("start_input_bits", ctypes.c_int),
        ("nb_input_registers", ctypes.c_int),
        ("start_input_registers", ctypes.c_int),
        ("nb_registers", ctypes.c_int),
        ("start_registers", ctypes.c_int),
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    ]


lib.modbus_new_rtu.restype = ctypes.c_void_p
lib.modbus_new_rtu.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char, ctypes.c_int, ctypes.c_int]
lib.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
for name in ("modbus_set_slave", "modbus_connect", "modbus_get_socket", "modbus_receive", "modbus_reply"):
    getattr(lib, name).argtypes = None

SIZE = 4096


def written(frame):
    """What a request writes, as [function, address, [values]]; nothing of a read."""
    code, address = frame[1], frame[2] << 8 | frame[3]
    words = [frame[i] << 8 | frame[i + 1] for i in range(4, len(frame) - 3, 2)]
    if code == 5:
        return [code, address, [1 if words[0] == 0xFF00 else words[0]]]
    if code == 6:
        return [code, address, words[:1]]
    if code == 15:
        return [code, address, [frame[7] & 1] if words[0] == 1 else [frame[7]]]
    if code == 16:
        return [code, address, [frame[7 + 2 * i] << 8 | frame[8 + 2 * i] for i in range(words[0])]]
    if code == 22:
        return [code, address, words[:2]]
    return None


def answer(mapping, order, writes):
    tables = {
        "coils": mapping.tab_bits,
        "inputs": mapping.tab_input_bits,
        "holding": mapping.tab_registers,
        "input-registers": mapping.tab_input_registers,
    }
    if "set" in order:
        for i, value in enumerate(order["values"]):
            tables[order["set"]][order["address"] + i] = value
        return {"ok": True}
    if "get" in order:
        return {"values": [tables[order["get"]][order["address"] + i] for i in range(order["count"])]}
    return {"writes": writes}


def main(_kind, path, baud, unit):
    context = ctypes.c_void_p(lib.modbus_new_rtu(path.encode(), int(baud), b"N", 8, 1))
    lib.modbus_set_slave(context, int(unit))
    if lib.modbus_connect(context) != 0:
        sys.exit(f"libmodbus cannot open {path}: errno {ctypes.get_errno()}")
    mapping = lib.modbus_mapping_new(SIZE, SIZE, SIZE, SIZE)
    line = lib.modbus_get_socket(context)
    request = (ctypes.c_uint8 * 260)()
    writes = []
    print(json.dumps({"ready": 0}), flush=True)
    while True:
        ready, _, _ = select.select([line, sys.stdin], [], [])
        if sys.stdin in ready:
            order = sys.stdin.readline()
            if not order:
                return
            print(json.dumps(answer(mapping.contents, json.loads(order), writes)), flush=True)
        if line in ready:
            length = lib.modbus_receive(context, request)
            if length > 0:
                lib.modbus_reply(context, request, length, mapping)
                write = written(bytes(request[:length]))
                if write:
                    writes.append(write)


if __name__ == "__main__":
    main(*sys.argv[1:])
