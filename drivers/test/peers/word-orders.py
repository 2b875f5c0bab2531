"""Two registers as pymodbus lays out a 32-bit value: one JSON line in, one line of two registers out.

libmodbus is no judge here: version 3.1.6 calls ABCD what goes over the wire as BADC on a little-endian host.
"""

import json
import sys

from pymodbus.constants import Endian
from pymodbus.payload import BinaryPayloadBuilder


def registers_of(kind, order, value):
    byte = Endian.Big if order in ("ABCD", "CDAB") else Endian.Little
    word = Endian.Big if order in ("ABCD", "BADC") else Endian.Little
    builder = BinaryPayloadBuilder(byteorder=byte, wordorder=word)
    add = {
        "int32": builder.add_32bit_int,
        "uint32": builder.add_32bit_uint,
        "float32": builder.add_32bit_float,
    }
    add[kind](value)
    return builder.to_registers()


for text in sys.stdin:
    line = json.loads(text)
    print(json.dumps(registers_of(line["type"], line["order"], line["value"])), flush=True)
