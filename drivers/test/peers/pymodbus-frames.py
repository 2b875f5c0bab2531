"""Frames as pymodbus makes them: one JSON request a line on standard input, its serial frame as hex a line out.

The requests are those of `BusRequest` (drivers/bus/request.ts).
"""

import json
import sys

from pymodbus.bit_read_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.bit_write_message import WriteMultipleCoilsRequest, WriteSingleCoilRequest
from pymodbus.factory import ClientDecoder
from pymodbus.register_read_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest
from pymodbus.register_write_message import (
    MaskWriteRegisterRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)
from pymodbus.transaction import ModbusRtuFramer

READS = {
    "read-coils": ReadCoilsRequest,
    "read-inputs": ReadDiscreteInputsRequest,
    "read-holding": ReadHoldingRegistersRequest,
    "read-input-registers": ReadInputRegistersRequest,
}


def request_of(line):
    kind, address, unit = line["kind"], line["address"], line["unit"]
    if kind in READS:
        return READS[kind](address, line["count"], unit=unit)
    if kind == "write-coil":
        # pymodbus knows the two values of the specification only.
        return WriteSingleCoilRequest(address, {0xFF00: True, 0: False}[line["value"]], unit=unit)
    if kind == "write-register":
        return WriteSingleRegisterRequest(address, line["value"], unit=unit)
    if kind == "write-one-coil":
        return WriteMultipleCoilsRequest(address, [line["on"]], unit=unit)
    if kind == "write-registers":
        return WriteMultipleRegistersRequest(address, line["words"], unit=unit)
    if kind == "mask-register":
        return MaskWriteRegisterRequest(address, line["and"], line["or"], unit=unit)
    raise ValueError(kind)


framer = ModbusRtuFramer(ClientDecoder())
for text in sys.stdin:
    print(framer.buildPacket(request_of(json.loads(text))).hex(), flush=True)
