"""Pushes made by gurux-dlms, for `cargo xtask conform dlms-peer`.

What comes in: one line of JSON (framing, suite, keys, whether protected). What goes out: one hexadecimal line for
each frame of a push of a clock, a register with its scaler and unit, and a voltage. It runs as a process of its own;
nothing of the product is linked to it.
"""

import datetime
import json
import sys

from gurux_dlms import GXByteBuffer, GXDateTime
from gurux_dlms.enums import DataType, InterfaceType, Security
from gurux_dlms.GXCiphering import GXCiphering
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.objects.enums import SecuritySuite
from gurux_dlms.secure import GXDLMSSecureNotify

MOMENT = datetime.datetime(2024, 3, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


def pushed():
    """A structure of code, value, scaler and unit, twice."""
    content = GXByteBuffer()
    content.set(bytes([DataType.STRUCTURE, 6]))
    for code, kind, value, scaler, unit in (
        (bytes([1, 0, 1, 8, 0, 255]), DataType.UINT32, 123456, -1, 30),
        (bytes([1, 0, 32, 7, 0, 255]), DataType.UINT16, 2307, -1, 35),
    ):
        _GXCommon.setData(None, content, DataType.OCTET_STRING, code)
        _GXCommon.setData(None, content, kind, value)
        content.set(bytes([DataType.STRUCTURE, 2]))
        _GXCommon.setData(None, content, DataType.INT8, scaler)
        _GXCommon.setData(None, content, DataType.ENUM, unit)
    return content


def main():
    # The library prints; answers alone go out.
    answers, sys.stdout = sys.stdout, sys.stderr
    config = json.loads(sys.stdin.readline())
    interface = InterfaceType.HDLC if config["framing"] == "hdlc" else InterfaceType.WRAPPER
    notify = GXDLMSSecureNotify(True, 16, 1, interface)
    cipher = notify.settings.cipher = GXCiphering(bytes.fromhex(config["title"]))
    cipher.blockCipherKey = bytes.fromhex(config["key"])
    cipher.authenticationKey = bytes.fromhex(config["auth_key"])
    cipher.securitySuite = SecuritySuite.SUITE_2 if config["suite"] == 2 else SecuritySuite.SUITE_0
    cipher.security = Security.AUTHENTICATION_ENCRYPTION if config["protected"] else Security.NONE
    cipher.invocationCounter = 41
    for frame in notify.generateDataNotificationMessages(GXDateTime(MOMENT), pushed()):
        print(bytes(frame).hex(), file=answers, flush=True)


main()
