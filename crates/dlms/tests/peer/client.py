"""A client made of dlms-cosem, for `cargo xtask conform dlms-peer`.

What comes in: one line of JSON (port, framing, password or keys, a range of the load profile). What goes out: one line of
JSON with what it read, as hexadecimal bytes. It runs as a process of its own; nothing of the product is linked to it.
"""

import datetime
import json
import logging
import sys

import structlog
from dlms_cosem import cosem, enumerations
from dlms_cosem.client import DlmsClient
from dlms_cosem.cosem.capture_object import CaptureObject
from dlms_cosem.cosem.selective_access import RangeDescriptor
from dlms_cosem.io import BlockingTcpIO, HdlcTransport, TcpTransport
from dlms_cosem.security import (
    HighLevelSecurityGmacAuthentication,
    LowLevelSecurityAuthentication,
    NoSecurityAuthentication,
)

INTERFACES = enumerations.CosemInterface


def client(config):
    io = BlockingTcpIO(host="127.0.0.1", port=config["port"], timeout=10)
    if config["framing"] == "hdlc":
        transport = HdlcTransport(
            client_logical_address=16, server_logical_address=1, server_physical_address=17, io=io
        )
    else:
        transport = TcpTransport(client_logical_address=16, server_logical_address=1, io=io)
    keys = {}
    if config.get("key"):
        authentication = HighLevelSecurityGmacAuthentication(challenge_length=32)
        keys = {
            "encryption_key": bytes.fromhex(config["key"]),
            "authentication_key": bytes.fromhex(config["auth_key"]),
            "client_system_title": bytes.fromhex(config["client_title"]),
            "client_initial_invocation_counter": config["counter"],
        }
    elif config.get("password"):
        authentication = LowLevelSecurityAuthentication(secret=config["password"].encode())
    else:
        authentication = NoSecurityAuthentication()
    return DlmsClient(transport=transport, authentication=authentication, **keys)


def read(meter, config):
    def get(interface, name, attribute, selection=None):
        asked = cosem.CosemAttribute(interface, cosem.Obis(*name), attribute)
        return meter.get(asked, access_descriptor=selection).hex()

    clock = cosem.CosemAttribute(INTERFACES.CLOCK, cosem.Obis(0, 0, 1, 0, 0, 255), 2)
    selection = RangeDescriptor(
        restricting_object=CaptureObject(cosem_attribute=clock, data_index=0),
        from_value=datetime.datetime.fromisoformat(config["from"]),
        to_value=datetime.datetime.fromisoformat(config["to"]),
    )
    profile = (1, 0, 99, 1, 0, 255)
    return {
        "number": get(INTERFACES.DATA, (0, 0, 96, 1, 0, 255), 2),
        "total": get(INTERFACES.REGISTER, (1, 0, 1, 8, 0, 255), 2),
        "columns": get(INTERFACES.PROFILE_GENERIC, profile, 3),
        "range": get(INTERFACES.PROFILE_GENERIC, profile, 2, selection),
        "buffer": get(INTERFACES.PROFILE_GENERIC, profile, 2),
    }


def main():
    # The library logs to standard output unless it is told otherwise; what it says is no answer.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    config = json.loads(sys.stdin.readline())
    meter = client(config)
    with meter.session():
        values = read(meter, config)
    print(json.dumps(values), flush=True)


main()
