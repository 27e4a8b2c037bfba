"""A meter made of gurux-dlms, for `cargo xtask conform dlms-peer`.

What comes in: one line of JSON (framing, authentication, password, suite, keys), then one hexadecimal line for each
frame, or, if the JSON says `listen`, one connection after the other on the port it prints. What goes out: an answer
to each frame. It has a number, a clock, a register, a load profile of 96 quarters and an event log. It runs as a process
of its own; nothing of the product is linked to it.
"""

import datetime
import json
import socket
import sys

from gurux_dlms import GXByteBuffer, GXDateTime, GXUInt8, ValueEventArgs
from gurux_dlms.enums import (
    Authentication,
    Command,
    ErrorCode,
    InterfaceType,
    RequestTypes,
    Security,
    SourceDiagnostic,
    Unit,
)
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

LLC = bytes.fromhex("e6e700")
QUARTER = datetime.timedelta(minutes=15)
FIRST = datetime.datetime(2024, 3, 1, 0, 15, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


class Meter(GXDLMSSecureServer):
    def __init__(self, config):
        self.association = GXDLMSAssociationLogicalName()
        self.is_hdlc = config["framing"] == "hdlc"
        super().__init__(self.association, InterfaceType.HDLC if self.is_hdlc else InterfaceType.WRAPPER)
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
        clock.time = GXDateTime(datetime.datetime.now(FIRST.tzinfo))
        name = GXDLMSData("0.0.96.1.0.255")
        name.value = self.config["number"]
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
        # Every other row has the bit of summer time in its status, which says nothing against it.
        for number in range(96):
            load.buffer.append([GXDateTime(FIRST + number * QUARTER), GXUInt8(8 * (number % 2)), 1000 + number])
        log = GXDLMSProfileGeneric("0.0.99.98.0.255")
        for captured in (clock, code):
            log.captureObjects.append((captured, GXDLMSCaptureObject(2, 0)))
        log.buffer.append([GXDateTime(FIRST), GXUInt8(89)])
        log.buffer.append([GXDateTime(FIRST + QUARTER), GXUInt8(90)])
        for item in (clock, name, total, status, code, load, log):
            self.items.append(item)

    def answer(self, frame):
        """The answer to a frame: of HDLC it may be no more than an acknowledgement, or a part of an answer."""
        if not self.is_hdlc:
            self.settings.clientAddress = int.from_bytes(frame[2:4], "big")
            self.settings.serverAddress = int.from_bytes(frame[4:6], "big")
            command = self.serve(bytes(frame[8:]))
            return bytes(GXDLMS.getWrapperFrame(self.settings, command, self.replyData))
        self.receivedData.set(frame)
        kind = GXDLMS.getHdlcData(True, self.settings, self.receivedData, self.info, None)
        command, is_part = self.info.command, bool(self.info.moreData & RequestTypes.FRAME)
        if command == Command.SNRM:
            self.replyData.clear()
            self.replyData.set(bytes.fromhex("818014" + "05020080" + "06020080" + "070400000001" + "080400000001"))
            return self.framed(Command.UA)
        if command == Command.DISCONNECT_REQUEST:
            self.replyData.clear()
            return self.framed(Command.UA)
        if kind & 1:
            # The client is ready for the next part.
            self.receivedData.clear()
            return self.framed(self.settings.getNextSend(False))
        GXDLMS.getDataFromFrame(self.receivedData, self.info, True)
        if is_part:
            self.receivedData.clear()
            return bytes(GXDLMS.getHdlcFrame(self.settings, self.settings.getReceiverReady(), GXByteBuffer()))
        request = bytes(self.info.data.array())
        self.info.clear()
        self.serve(request)
        if bytes(self.replyData.array())[:3] != LLC:
            GXDLMS.addLLCBytes(self.settings, self.replyData)
        return self.framed(0)

    def framed(self, kind):
        """A frame of the answer that is not sent yet."""
        self.receivedData.clear()
        self.info.clear()
        return bytes(GXDLMS.getHdlcFrame(self.settings, kind, self.replyData))

    def serve(self, apdu):
        """Makes the answer to a request, and gives its command. The library opens the request, and makes, ciphers and
        frames the answer; which value is asked for is found here, because its own handlers do not run in this version."""
        command, request = self.opened(apdu)
        self.replyData.clear()
        if command == Command.AARQ:
            self.block, self.rest = 1, None
            self.accept(request)
        elif command == Command.RELEASE_REQUEST:
            self.replyData.set(bytes([0x63, 0x03, 0x80, 0x01, 0x00]))
        elif command == Command.GET_REQUEST:
            self.get(request)
        elif command == Command.METHOD_REQUEST:
            self.prove(request)
        return command

    def opened(self, apdu):
        """Command and content of a request. It opens ciphered ones with the library's cipher: its own way to
        them looks for a dedicated key in this version."""
        settings, cipher = self.settings, self.settings.cipher
        if apdu[0] in (Command.GLO_GET_REQUEST, Command.GLO_METHOD_REQUEST):
            parameters = AesGcmParameter(
                0, settings.sourceSystemTitle, cipher.blockCipherKey, cipher.authenticationKey
            )
            apdu = bytes(GXCiphering.decrypt(settings, parameters, GXByteBuffer(apdu)))
        return apdu[0], apdu if apdu[0] == Command.AARQ else apdu[1:]

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


def whole(config, received):
    """The length of the first whole frame of what was received, or 0."""
    if config["framing"] != "hdlc":
        return 8 + int.from_bytes(received[6:8], "big") if len(received) >= 8 else 0
    return 2 + ((received[1] & 7) << 8 | received[2]) if len(received) >= 3 else 0


def listen(config, answers):
    """A connection after the other, each with a meter that was just switched on; only the counter goes on."""
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], file=answers, flush=True)
    counter = 0
    while True:
        connection, _ = server.accept()
        meter, received = Meter(config), bytearray()
        meter.settings.cipher.invocationCounter = counter
        with connection:
            while part := connection.recv(4096):
                received += part
                while (length := whole(config, received)) and len(received) >= length:
                    frame, received = received[:length], received[length:]
                    connection.sendall(meter.answer(frame))
        counter = meter.settings.cipher.invocationCounter


def main():
    # The library prints; answers alone go out.
    answers, sys.stdout = sys.stdout, sys.stderr
    config = json.loads(sys.stdin.readline())
    if config.get("listen"):
        listen(config, answers)
    meter = Meter(config)
    for line in sys.stdin:
        print(meter.answer(bytearray.fromhex(line.strip())).hex(), file=answers, flush=True)


main()
