"""A meter made of gurux-dlms, for `cargo xtask conform dlms-peer`.

What comes in: one line of JSON (authentication, password, suite, keys), then one hexadecimal line for each
wrapper frame. What goes out: one hexadecimal line for each answer. It has a register, a load profile of 96
quarters and an event log. It runs as a process of its own; nothing of the product is linked to it.
"""

import datetime
import json
import sys

from gurux_dlms import GXByteBuffer, GXDateTime, GXUInt8, ValueEventArgs
from gurux_dlms.enums import Authentication, Command, ErrorCode, InterfaceType, Security, SourceDiagnostic, Unit
from gurux_dlms._GXAPDU import _GXAPDU
from gurux_dlms.AesGcmParameter import AesGcmParameter
from gurux_dlms.GXCiphering import GXCiphering
from gurux_dlms.GXDLMS import GXDLMS
from gurux_dlms.GXDLMSLNParameters import GXDLMSLNParameters
from gurux_dlms.GXSecure import GXSecure
from gurux_dlms.objects import (
    GXDLMSAssociationLogicalName,
    GXDLMSCaptureObject,
    GXDLMSClock,
    GXDLMSData,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
)
from gurux_dlms.objects.enums import SecuritySuite
from gurux_dlms.secure import GXDLMSSecureServer

QUARTER = datetime.timedelta(minutes=15)
FIRST = datetime.datetime(2024, 3, 1, 0, 15, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


class Meter(GXDLMSSecureServer):
    def __init__(self, config):
        self.association = GXDLMSAssociationLogicalName()
        super().__init__(self.association, InterfaceType.WRAPPER)
        self.config = config
        self.association.secret = config["password"].encode()
        cipher = self.settings.cipher = GXCiphering(bytes.fromhex(config["title"]))
        cipher.blockCipherKey = bytes.fromhex(config["key"])
        cipher.authenticationKey = bytes.fromhex(config["auth_key"])
        cipher.securitySuite = SecuritySuite.SUITE_2 if config["suite"] == 2 else SecuritySuite.SUITE_0
        cipher.security = Security.AUTHENTICATION_ENCRYPTION if config["protected"] else Security.NONE
        self.block, self.rest = 1, None
        self.items.append(self.association)
        self.add_objects()

    def add_objects(self):
        clock = GXDLMSClock()
        total = GXDLMSRegister("1.0.1.8.0.255")
        total.value, total.scaler, total.unit = 123456, 0.1, Unit.ACTIVE_ENERGY
        status = GXDLMSData("0.0.96.10.1.255")
        status.value = GXUInt8(0)
        code = GXDLMSData("0.0.96.11.0.255")
        code.value = GXUInt8(0)
        load = GXDLMSProfileGeneric("1.0.99.1.0.255")
        load.capturePeriod = 900
        for captured in (clock, status, total):
            load.captureObjects.append((captured, GXDLMSCaptureObject(2, 0)))
        for number in range(96):
            load.buffer.append([GXDateTime(FIRST + number * QUARTER), GXUInt8(number % 4), 1000 + number])
        log = GXDLMSProfileGeneric("0.0.99.98.0.255")
        for captured in (clock, code):
            log.captureObjects.append((captured, GXDLMSCaptureObject(2, 0)))
        log.buffer.append([GXDateTime(FIRST), GXUInt8(89)])
        log.buffer.append([GXDateTime(FIRST + QUARTER), GXUInt8(90)])
        for item in (clock, total, status, code, load, log):
            self.items.append(item)

    def answer(self, frame):
        """One answer. The library reads and opens the request, and makes, ciphers and frames the answer; which
        value is asked for is found here, because its own handlers do not run in this version."""
        command, request = self.opened(frame)
        self.replyData.clear()
        if command == Command.AARQ:
            self.block, self.rest = 1, None
            self.accept(bytes(request))
        elif command == Command.RELEASE_REQUEST:
            self.replyData.set(bytes([0x63, 0x03, 0x80, 0x01, 0x00]))
        elif command == Command.GET_REQUEST:
            self.get(bytes(request))
        elif command == Command.METHOD_REQUEST:
            self.prove(bytes(request))
        return bytes(GXDLMS.getWrapperFrame(self.settings, command, self.replyData))

    def opened(self, frame):
        """Command and content of a request. It opens ciphered ones with the library's cipher: its own way to
        them looks for a dedicated key in this version."""
        settings, cipher = self.settings, self.settings.cipher
        if frame[8] in (Command.GLO_GET_REQUEST, Command.GLO_METHOD_REQUEST):
            parameters = AesGcmParameter(
                0, settings.sourceSystemTitle, cipher.blockCipherKey, cipher.authenticationKey
            )
            clear = bytes(GXCiphering.decrypt(settings, parameters, GXByteBuffer(frame[8:])))
            return clear[0], clear[1:]
        self.receivedData.set(frame)
        GXDLMS.getData(settings, self.receivedData, self.info, None)
        self.receivedData.clear()
        command, request = self.info.command, self.info.data.array()[self.info.data.position :]
        self.info.clear()
        return command, request

    def accept(self, request):
        """The answer to who associates. A ciphered one this version can read and not write: it is put together
        here, with the library's cipher."""
        if not self.config["protected"]:
            self.handleAarqRequest(GXByteBuffer(request), None)
            return
        settings, cipher = self.settings, self.settings.cipher
        self.reset(True)
        diagnostic = _GXAPDU.parsePDU(settings, cipher, GXByteBuffer(request), None)
        if diagnostic != SourceDiagnostic.NONE:
            raise ValueError(f"the library refuses the association: {diagnostic}")
        settings.setStoCChallenge(GXSecure.generateChallenge())
        initiate = bytes.fromhex("0800065f1f0400") + bytes.fromhex("001015012c0007")
        parameters = AesGcmParameter(
            Command.GLO_INITIATE_RESPONSE, cipher.systemTitle, cipher.blockCipherKey, cipher.authenticationKey
        )
        parameters.security, parameters.securitySuite = cipher.security, cipher.securitySuite
        parameters.invocationCounter = cipher.invocationCounter
        cipher.invocationCounter += 1
        initiate = bytes(GXCiphering.encrypt(parameters, initiate))
        challenge = bytes(settings.stoCChallenge)
        self.replyData.set(
            field(
                0x61,
                field(0xA1, bytes.fromhex("060760857405080103"))
                + bytes.fromhex("a203020100a305a10302010e")
                + field(0xA4, field(0x04, cipher.systemTitle))
                + bytes.fromhex("88020780890760857405080205")
                + field(0xAA, field(0x80, challenge))
                + field(0xBE, field(0x04, initiate)),
            )
        )

    def get(self, request):
        kind, invoke = request[0], request[1]
        status = 0
        if kind == 1:
            self.block = 1
            self.rest, status = self.value(request[2:])
        parameters = GXDLMSLNParameters(
            self.settings, invoke, Command.GET_RESPONSE, kind, None, self.rest, status
        )
        parameters.multipleBlocks, parameters.blockIndex = kind == 2, self.block
        GXDLMS.getLNPdu(parameters, self.replyData)
        self.block += 1

    def value(self, request):
        """The bytes of an attribute, or the data access result."""
        name = ".".join(str(byte) for byte in request[2:8])
        item = self.items.findByLN(int.from_bytes(request[0:2], "big"), name)
        content = GXByteBuffer()
        if item is None:
            return content, ErrorCode.UNDEFINED_OBJECT
        event = ValueEventArgs(self, item, request[8], 0, None)
        buffer = getattr(item, "buffer", None)
        if request[9] == 1:
            item.buffer = choose(buffer, request[10], request[11:])
        self.settings.setCount(0)
        value = item.getValue(self.settings, event)
        if event.byteArray:
            content.set(value)
        else:
            GXDLMS.appendData(self.settings, item, request[8], content, value)
        if buffer is not None:
            item.buffer = buffer
        return content, ErrorCode.OK

    def prove(self, request):
        """The third pass of HLS, and the fourth."""
        proof, counter = request[14:], int.from_bytes(request[15:19], "big")
        settings = self.settings

        def gmac(counter, challenge, title):
            return bytes(GXSecure.secure(settings, settings.cipher, counter, challenge, title))

        if gmac(counter, settings.stoCChallenge, settings.sourceSystemTitle) != proof:
            raise ValueError("the client does not have the keys")
        counter, title = settings.cipher.invocationCounter, settings.cipher.systemTitle
        content = GXByteBuffer()
        content.set(bytes([1, 0, 9, 17]) + gmac(counter, settings.getCtoSChallenge(), title))
        settings.cipher.invocationCounter += 1
        parameters = GXDLMSLNParameters(settings, request[1], Command.METHOD_RESPONSE, 1, None, content, 0)
        GXDLMS.getLNPdu(parameters, self.replyData)

    def isTarget(self, serverAddress, clientAddress):
        return True

    def onValidateAuthentication(self, authentication, password):
        if authentication == Authentication.LOW and bytes(password) != self.config["password"].encode():
            return SourceDiagnostic.AUTHENTICATION_FAILURE
        return SourceDiagnostic.NONE

    def onInvalidConnection(self, connectionInfo):
        pass


def field(tag, content):
    """A field of the association."""
    length = bytes([len(content)]) if len(content) < 0x80 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def choose(rows, selector, parameter):
    """Rows by time (a structure of clock, from, to, columns) or by number."""
    if selector == 1:
        first, last = moment(parameter[22:34]), moment(parameter[36:48])
        return [row for row in rows if first <= row[0].value <= last]
    first, last = (int.from_bytes(parameter[at : at + 4], "big") for at in (3, 8))
    return rows[first - 1 : last or None]


def moment(octets):
    octets = bytes(octets)
    year, month, day = int.from_bytes(octets[0:2], "big"), octets[2], octets[3]
    hour, minute, second = octets[5:8]
    deviation = int.from_bytes(octets[9:11], "big", signed=True)
    zone = datetime.timezone(datetime.timedelta(minutes=-deviation))
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=zone)


def main():
    # The library prints; answers alone go out.
    answers, sys.stdout = sys.stdout, sys.stderr
    meter = Meter(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        print(meter.answer(bytearray.fromhex(line.strip())).hex(), file=answers, flush=True)


main()
