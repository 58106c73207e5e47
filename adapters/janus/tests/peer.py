"""One person in a Janus video room, with real media: a tone and a moving picture.

The first line on standard input holds the two credential documents; every further line is one command. What happens is
told on standard output, one JSON document per line.
"""

import asyncio
import fractions
import json
import math
import struct
import sys
import time
import uuid

import aiohttp
import av
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import MediaStreamTrack

PLUGIN = "janus.plugin.videoroom"


def tell(**what):
    print(json.dumps(what), flush=True)


def told(pc):
    return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}


class Paced(MediaStreamTrack):
    """Gives frame after frame at the pace of a clock."""

    def __init__(self, rate, step):
        super().__init__()
        self.rate, self.step, self.count, self.start = rate, step, 0, None

    async def recv(self):
        if self.start is None:
            self.start = time.monotonic()
        pts = self.count * self.step
        await asyncio.sleep(max(0, self.start + pts / self.rate - time.monotonic()))
        frame = self.frame(self.count)
        frame.pts, frame.time_base = pts, fractions.Fraction(1, self.rate)
        self.count += 1
        return frame


class Tone(Paced):
    kind = "audio"

    def __init__(self):
        super().__init__(48_000, 960)

    def frame(self, count):
        wave = (round(9000 * math.sin(2 * math.pi * 440 * (count * 960 + n) / 48_000)) for n in range(960))
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(struct.pack("<960h", *wave))
        frame.sample_rate = 48_000
        return frame


class Picture(Paced):
    kind = "video"

    def __init__(self):
        super().__init__(90_000, 9_000)

    def frame(self, count):
        frame = av.VideoFrame(160, 120, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([(count * 8) % 256]) * plane.buffer_size)
        return frame


class Refused(Exception):
    pass


class Person:
    def __init__(self, documents, web):
        self.room, self.me, self.web = documents["room"], documents["participant"], web
        self.relay = documents.get("relay", False)
        self.session = self.own = self.pc = None
        self.waiting, self.watched = {}, {}

    async def speak(self, message, handle=None):
        transaction = uuid.uuid4().hex
        message = {**message, "transaction": transaction, "token": self.me["api_token"]}
        if self.session:
            message["session_id"] = self.session
        if handle:
            message["handle_id"] = handle
        answer = self.waiting[transaction] = asyncio.get_running_loop().create_future()
        await self.socket.send_json(message)
        return await asyncio.wait_for(answer, 10)

    async def ask(self, handle, body, jsep=None):
        answer = await self.speak({"janus": "message", "body": body, **({"jsep": jsep} if jsep else {})}, handle)
        code = answer.get("plugindata", {}).get("data", {}).get("error_code")
        if code:
            raise Refused(code)
        return answer

    async def attach(self):
        return (await self.speak({"janus": "attach", "plugin": PLUGIN}))["data"]["id"]

    async def listen(self):
        async for raw in self.socket:
            message = json.loads(raw.data)
            waiting = self.waiting.get(message.get("transaction"))
            if waiting and message["janus"] != "ack":
                del self.waiting[message["transaction"]]
                if message["janus"] == "error":
                    waiting.set_exception(Refused(message["error"]["code"]))
                else:
                    waiting.set_result(message)
            elif message.get("sender") == self.own:
                self.hear(message)
        tell(event="closed")

    def hear(self, message):
        data = message.get("plugindata", {}).get("data", {})
        if message["janus"] == "webrtcup":
            tell(event="connected")
        if data.get("videoroom") == "destroyed":
            tell(event="ended")
        if data.get("leaving") == "ok":
            tell(event="removed")
        if data.get("moderation"):
            tell(event=data["moderation"], id=data["id"], mid=data["mid"])
        for person in data.get("publishers", []):
            asyncio.ensure_future(self.watch(person["id"]))

    def connection(self):
        servers = [RTCIceServer(**server) for server in self.room["ice"]]
        policy = RTCIceTransportPolicy.RELAY if self.relay else RTCIceTransportPolicy.ALL
        return RTCPeerConnection(RTCConfiguration(iceServers=servers, iceTransportPolicy=policy))

    async def join(self):
        self.socket = await self.web.ws_connect(self.room["server"], protocols=["janus-protocol"])
        asyncio.ensure_future(self.listen())
        began = time.monotonic()
        self.session = (await self.speak({"janus": "create"}))["data"]["id"]
        self.own = await self.attach()
        body = {"request": "join", "ptype": "publisher", "room": self.room["room"], "pin": self.room["pin"]}
        joined = await self.ask(self.own, {**body, "id": self.me["id"], "token": self.me["token"]})
        data = joined["plugindata"]["data"]
        self.private_id = data["private_id"]
        tell(event="joined", ms=round((time.monotonic() - began) * 1000))
        for person in data["publishers"]:
            asyncio.ensure_future(self.watch(person["id"]))
        self.pc = self.connection()
        self.pc.addTransceiver(Tone(), direction="sendonly")
        self.pc.addTransceiver(Picture(), direction="sendonly")
        self.pc.addTransceiver("video", direction="sendonly")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await self.ask(self.own, {"request": "publish"}, told(self.pc))
        await self.pc.setRemoteDescription(RTCSessionDescription(**answer["jsep"]))

    async def watch(self, feed):
        handle = await self.attach()
        body = {"request": "join", "ptype": "subscriber", "room": self.room["room"], "pin": self.room["pin"]}
        body |= {"streams": [{"feed": feed}], "private_id": self.private_id, "token": self.me["watch_token"]}
        offer = (await self.ask(handle, body))["jsep"]
        pc, sink = self.connection(), MediaBlackhole()
        pc.on("track", sink.addTrack)
        await pc.setRemoteDescription(RTCSessionDescription(**offer))
        await pc.setLocalDescription(await pc.createAnswer())
        await self.ask(handle, {"request": "start"}, told(pc))
        await sink.start()
        self.watched[feed] = pc

    async def received(self):
        """Counts the RTP packets that came from everybody, by kind."""
        counts = {}
        for feed, pc in self.watched.items():
            kinds = counts[feed] = {"audio": 0, "video": 0}
            for receiver in pc.getReceivers():
                for number in (await receiver.getStats()).values():
                    if number.type == "inbound-rtp":
                        kinds[number.kind] += number.packetsReceived
        return counts

    async def obey(self, command):
        do = command["do"]
        if do == "received":
            tell(event="received", counts=await self.received())
        elif do == "leave":
            await self.ask(self.own, {"request": "leave"})
            tell(event="left")
        elif do == "again":  # on a new handle, with the same credential
            handle = await self.attach()
            body = {"request": "join", "ptype": "publisher", "room": self.room["room"], "pin": self.room["pin"]}
            await self.ask(handle, {**body, "id": command.get("id", self.me["id"]), "token": self.me["token"]})
            tell(event="joined")
        elif do == "watch":
            await self.watch(command["feed"])
            tell(event="watching")
        elif do == "configure":
            await self.ask(self.own, {"request": "configure", **command["with"]})
            tell(event="configured")


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    documents = json.loads(await lines.readline())
    async with aiohttp.ClientSession() as web:
        person = Person(documents, web)
        try:
            await person.join()
        except Refused as refused:
            tell(event="refused", code=refused.args[0])
            return
        while line := await lines.readline():
            try:
                await person.obey(json.loads(line))
            except Refused as refused:
                tell(event="refused", code=refused.args[0])


asyncio.run(main())
