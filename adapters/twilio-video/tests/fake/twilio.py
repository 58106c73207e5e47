"""A Twilio in memory, for tests: Video, and the making of messages and calls.

Routes, reads, checks and writes by the OpenAPI descriptions beside it. Each API key is an account of its own with its
own rooms, faults and log, so that tests may run side by side. A second port controls it. Prints one line of JSON with
both ports and then serves until it is stopped. Refuses what Twilio would silently ignore: parameters it does not know.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import random
import re
import secrets
import sys
import threading
import urllib.parse
import xml.etree.ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DESCRIPTION = {"paths": {}, "components": {"schemas": {}}}
for name in ("video_v1.json", "messages_v2010.json"):
    described = json.loads((pathlib.Path(__file__).parent / name).read_text())
    DESCRIPTION["paths"].update(described["paths"])
    DESCRIPTION["components"]["schemas"].update(described["components"]["schemas"])
RANGES = {"MaxParticipants": (1, 50), "MaxParticipantDuration": (600, 86400), "EmptyRoomTimeout": (1, 60),
          "UnusedRoomTimeout": (1, 60)}
SENDER = "+15185550100"
HOOK = "https://practice.example/hooks/twilio?visit=1"


class Refusal(Exception):
    def __init__(self, status, code, headers=()):
        self.status, self.code, self.headers = status, code, dict(headers)


class Lost(Exception):
    """The call had its effect; nobody hears of it."""


def sid(prefix):
    return prefix + secrets.token_hex(16)


def date(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def resolve(schema):
    if "$ref" in schema:
        return DESCRIPTION["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def check(schema, value, where):
    """Holds a JSON value against a schema."""
    schema = resolve(schema)
    if value is None:
        assert schema.get("nullable") or "type" not in schema, f"{where} may not be null"
        return
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": (int, float)}
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), f"{where} is no {schema['type']}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where} is none of its choices"
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{where} breaks its pattern"
    for name, inner in (value.items() if isinstance(value, dict) else ()):
        if "properties" in schema:
            assert name in schema["properties"], f"{where} has no member {name}"
            check(schema["properties"][name], inner, f"{where}.{name}")
    for inner in value if isinstance(value, list) else ():
        check(schema.get("items", {}), inner, f"{where}[]")


def take(schema, texts, name):
    """Reads a form or query parameter by its schema."""
    schema = resolve(schema)
    if schema.get("type") == "array":
        return [take(schema.get("items", {}), [text], name) for text in texts]
    if len(texts) != 1:
        raise Refusal(400, 20001)
    text, kind = texts[0], schema.get("type")
    try:
        if kind == "integer":
            value = int(text)
            low, high = RANGES.get(name, (schema.get("minimum", 0), schema.get("maximum", 1 << 40)))
            assert low <= value <= high
        elif kind == "boolean":
            value = {"true": True, "false": False}[text]
        else:
            value = text
            assert "enum" not in schema or value in schema["enum"]
            assert "pattern" not in schema or re.search(schema["pattern"], value)
            assert schema.get("format") != "uri" or re.match(r"https?://[^/]+", value)
        if name in ("Rules", "VideoLayout"):
            value = json.loads(text)
    except (AssertionError, KeyError, ValueError):
        raise Refusal(400, 20001)
    return value


def route(method, path):
    for pattern, operations in DESCRIPTION["paths"].items():
        match = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), path)
        if match and method.lower() in operations:
            return pattern, operations[method.lower()], {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
    raise Refusal(404, 20404)


def read(operation, ids, query, body, content_type):
    """Reads and checks the parameters of a call."""
    form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    form = form.get("schema", {})
    values = dict(ids)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            pattern = parameter["schema"].get("pattern")
            if pattern and not re.search(pattern, ids[parameter["name"]]):
                raise Refusal(404, 20404)
    asked = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
    for name, texts in urllib.parse.parse_qs(query, keep_blank_values=True).items():
        if name not in asked:
            raise Refusal(400, 20001)
        values[name] = take(asked[name], texts, name)
    if body and content_type != "application/x-www-form-urlencoded":
        raise Refusal(415, 20001)
    for name, texts in urllib.parse.parse_qs(body.decode(), keep_blank_values=True).items():
        if name not in form.get("properties", {}):
            raise Refusal(400, 20001)
        values[name] = take(form["properties"][name], texts, name)
    if any(name not in values for name in form.get("required", [])):
        raise Refusal(400, 20001)
    return values


class Account:
    def __init__(self):
        self.sid, self.key = sid("AC"), sid("SK")
        self.secret, self.auth_token = secrets.token_urlsafe(24), secrets.token_hex(16)
        self.lock = threading.RLock()
        self.rooms, self.recordings, self.compositions = {}, {}, {}
        self.next_faults, self.rate, self.random, self.faults = [], 0.0, random.Random(7), {}
        self.requests = []
        self.reached = []

    def reach(self, kind, call, said):
        """Takes a message or call over, as Twilio does: numbers by E.164, senders that belong to the account."""
        if call["AccountSid"] != self.sid:
            raise Refusal(401, 20003)
        to, sender = call["To"], call.get("From")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to) or to.startswith("+1555"):
            raise Refusal(400, 21211)
        if to.endswith("0199"):
            raise Refusal(400, 21610 if kind == "sms" else 13224)
        if sender != SENDER:
            raise Refusal(400, 21606)
        self.reached.append({"kind": kind, "to": to, "said": said})
        return {"from": sender, "to": to, "account_sid": self.sid, "api_version": "2010-04-01", "price": None,
                "price_unit": "USD", "direction": "outbound-api", "status": "queued",
                "date_created": "Mon, 23 Nov 2026 15:00:00 +0000", "date_updated": "Mon, 23 Nov 2026 15:00:00 +0000"}

    def post_20100401_accounts_accountsid_messagesjson(self, call):
        body = call.get("Body", "")
        if not 0 < len(body) <= 1600:
            raise Refusal(400, 21602)
        made = self.reach("sms", call, body)
        return 201, {**made, "sid": sid("SM"), "body": body, "num_segments": "1", "num_media": "0"}

    def post_20100401_accounts_accountsid_callsjson(self, call):
        if ("Twiml" in call) == ("Url" in call):
            raise Refusal(400, 21205)
        verbs = xml.etree.ElementTree.fromstring(call["Twiml"])
        if verbs.tag != "Response" or {verb.tag for verb in verbs} - {"Say", "Pause"}:
            raise Refusal(400, 12100)
        said = " ".join(verb.text.strip() for verb in verbs if verb.tag == "Say")
        return 201, {**self.reach("voice", call, said), "direction": "outbound-api", "sid": sid("CA")}

    def fault(self):
        with self.lock:
            if self.next_faults:
                kind = self.next_faults.pop(0)
            elif self.random.random() < self.rate:
                kind = self.random.choice(["throttle", "unavailable", "drop", "lose"])
            else:
                return None
            self.faults[kind] = self.faults.get(kind, 0) + 1
            return kind

    def room(self, name):
        found = self.rooms.get(name)
        living = (room for room in self.rooms.values() if room["document"]["status"] == "in-progress")
        found = found or next((room for room in living if room["document"]["unique_name"] == name), None)
        if not found:
            raise Refusal(404, 20404)
        return found

    def living(self, name):
        room = self.room(name)
        if room["document"]["status"] != "in-progress":
            raise Refusal(400, 53112)
        return room

    def page(self, name, entries, size=50):
        meta = {"key": name, "page": 0, "page_size": size, "url": "https://video.twilio.com/x",
                "first_page_url": "https://video.twilio.com/x", "previous_page_url": None,
                "next_page_url": "https://video.twilio.com/x?Page=1" if len(entries) > size else None}
        return 200, {name: entries[:size], "meta": meta}

    def post_rooms(self, call):
        name = call.get("UniqueName")
        for room in self.rooms.values():
            if name and room["document"]["unique_name"] == name and room["document"]["status"] == "in-progress":
                raise Refusal(400, 53113)
        identifier, now = sid("RM"), date(datetime.datetime.now(datetime.timezone.utc))
        document = {
            "sid": identifier, "status": "in-progress", "date_created": now, "date_updated": now,
            "account_sid": self.sid, "enable_turn": True, "unique_name": name or identifier,
            "status_callback": call.get("StatusCallback"), "end_time": None, "duration": None,
            "status_callback_method": call.get("StatusCallbackMethod", "POST"), "type": call.get("Type", "group"),
            "max_participants": call.get("MaxParticipants", 50), "max_concurrent_published_tracks": 170,
            "max_participant_duration": call.get("MaxParticipantDuration", 14400),
            "record_participants_on_connect": call.get("RecordParticipantsOnConnect", False),
            "video_codecs": ["H264", "VP8"], "media_region": call.get("MediaRegion", "us1"), "audio_only": False,
            "empty_room_timeout": call.get("EmptyRoomTimeout", 5),
            "unused_room_timeout": call.get("UnusedRoomTimeout", 5), "large_room": False,
            "url": f"https://video.twilio.com/v1/Rooms/{identifier}", "links": {},
        }
        self.rooms[identifier] = {"document": document, "people": {}, "rules": []}
        return 201, document

    def get_rooms_sid(self, call):
        return 200, self.room(call["Sid"])["document"]

    def post_rooms_sid(self, call):
        if call["Status"] != "completed":
            raise Refusal(400, 20001)
        room = self.living(call["Sid"])
        room["document"]["status"] = "completed"
        for person in room["people"].values():
            person["status"] = "disconnected"
        return 202, room["document"]

    def get_rooms(self, call):
        known = (room["document"] for room in self.rooms.values())
        return self.page("rooms", [room for room in known if room["status"] == call.get("Status", "in-progress")
                                   and call.get("UniqueName") in (None, room["unique_name"])])

    def get_rooms_roomsid_participants(self, call):
        people = self.room(call["RoomSid"])["people"].values()
        return self.page("participants", [person for person in people
                                          if person["status"] == call.get("Status", "connected")
                                          and call.get("Identity") in (None, person["identity"])],
                         call.get("PageSize", 50))

    def get_rooms_roomsid_participants_sid(self, call):
        for person in self.room(call["RoomSid"])["people"].values():
            if call["Sid"] in (person["sid"], person["identity"]):
                return 200, person
        raise Refusal(404, 20404)

    def post_rooms_roomsid_participants_sid(self, call):
        if call.get("Status") != "disconnected":
            raise Refusal(400, 20001)
        person = self.get_rooms_roomsid_participants_sid(call)[1]
        if person["status"] != "connected":
            raise Refusal(404, 20404)
        person["status"] = "disconnected"
        return 202, person

    def rules(self, room):
        return {"room_sid": room["document"]["sid"], "rules": room["rules"], "date_created": None, "date_updated": None}

    def get_rooms_roomsid_recordingrules(self, call):
        return 200, self.rules(self.room(call["RoomSid"]))

    def post_rooms_roomsid_recordingrules(self, call):
        room = self.living(call["RoomSid"])
        for rule in call["Rules"]:
            if rule.get("type") not in ("include", "exclude") or not {"all", "kind", "publisher"} & set(rule):
                raise Refusal(400, 53120)
        room["rules"] = call["Rules"]
        self.capture(room)
        return 200, self.rules(room)

    def capture(self, room):
        """Records the tracks of whoever is inside, as the rules say."""
        for person in room["people"].values():
            for kind in ("audio", "video"):
                named = [r for r in room["rules"] if r["type"] == "include" and (r.get("all") or r.get("kind") == kind)]
                known = {(r["source_sid"], r["type"]) for r in self.recordings.values()}
                if named and person["status"] == "connected" and (person["sid"], kind) not in known:
                    identifier = sid("RT")
                    self.recordings[identifier] = {
                        "account_sid": self.sid, "status": "processing", "sid": identifier, "type": kind,
                        "source_sid": person["sid"], "room_sid": room["document"]["sid"], "size": 4096, "duration": 9}

    def get_rooms_roomsid_recordings(self, call):
        room = self.room(call["RoomSid"])["document"]
        mine = [r for r in self.recordings.values() if r["room_sid"] == room["sid"]]
        answer = self.page("recordings", [dict(recording) for recording in mine], call.get("PageSize", 50))
        for recording in mine:
            if room["status"] == "completed" and recording["status"] == "processing":
                recording["status"] = "completed"
        return answer

    def delete_recordings_sid(self, call):
        found = self.recordings.get(call["Sid"])
        if not found or found["status"] == "deleted":
            raise Refusal(404, 20404)
        found["status"] = "deleted"
        return 204, None

    def post_compositions(self, call):
        room = self.room(call["RoomSid"])["document"]
        if room["status"] != "completed":
            raise Refusal(400, 53200)
        grid = call.get("VideoLayout", {}).get("grid", {})
        if not call.get("AudioSources") and not grid.get("video_sources"):
            raise Refusal(400, 53201)
        identifier = sid("CJ")
        self.compositions[identifier] = {
            "account_sid": self.sid, "status": "enqueued", "sid": identifier, "room_sid": room["sid"],
            "audio_sources": call.get("AudioSources", []), "audio_sources_excluded": [],
            "video_layout": call.get("VideoLayout"), "resolution": "640x480", "trim": True,
            "format": call.get("Format", "webm"), "bitrate": 0, "size": 0, "duration": 0,
            "media_external_location": None, "status_callback": call.get("StatusCallback"),
            "status_callback_method": call.get("StatusCallbackMethod", "POST"),
        }
        return 201, self.compositions[identifier]

    def get_compositions(self, call):
        mine = [c for c in self.compositions.values() if c["room_sid"] == call.get("RoomSid")]
        answer = self.page("compositions", [dict(composition) for composition in mine], call.get("PageSize", 50))
        steps = {"enqueued": "processing", "processing": "completed"}
        for composition in mine:
            composition["status"] = steps.get(composition["status"], composition["status"])
            if composition["status"] == "completed":
                composition |= {"size": 8192, "duration": 9}
        return answer

    def get_compositions_sid(self, call):
        if call["Sid"] not in self.compositions:
            raise Refusal(404, 20404)
        return 200, self.compositions[call["Sid"]]

    def delete_compositions_sid(self, call):
        found = self.get_compositions_sid(call)[1]
        if found["status"] == "deleted":
            raise Refusal(404, 20404)
        found["status"] = "deleted"
        return 204, None


ACCOUNTS = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        text = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


class Service(Handler):
    def handle_call(self):
        body, request_id = self.body(), sid("RQ")
        try:
            status, answer = self.play(body)
            self.answer(status, answer, {"Twilio-Request-Id": request_id})
        except Lost:
            self.close_connection = True
            self.connection.close()
        except Refusal as refusal:
            text = {"code": refusal.code, "message": "no", "status": refusal.status,
                    "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}"}
            self.answer(refusal.status, text, {"Twilio-Request-Id": request_id, **refusal.headers})

    def account(self):
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        try:
            key, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            raise Refusal(401, 20003)
        account = ACCOUNTS.get(key)
        if kind != "Basic" or not account or not hmac.compare_digest(account.secret.encode(), secret.encode()):
            raise Refusal(401, 20003)
        return account

    def play(self, body):
        path, _, query = self.path.partition("?")
        account = self.account()
        pattern, operation, ids = route(self.command, path)
        with account.lock:
            account.requests.append(f"{self.requestline}\n{body.decode('utf-8', 'replace')}")
        fault = account.fault()
        if fault == "throttle":
            raise Refusal(429, 20429, {"Retry-After": "0"})
        if fault == "unavailable":
            raise Refusal(503, 20503)
        if fault == "drop":
            raise Lost
        call = read(operation, ids, query, body, self.headers.get("Content-Type"))
        name = f"{self.command}{pattern.removeprefix('/v1').replace('/', '_')}".lower()
        with account.lock:
            status, answer = getattr(account, re.sub(r"[{}.-]", "", name))(call)
            answer = json.loads(json.dumps(answer))
        described = operation["responses"][str(status)].get("content", {}).get("application/json", {})
        if described:
            check(described["schema"], answer, name)
        if fault == "lose":
            raise Lost
        return status, answer

    do_GET = do_POST = do_DELETE = handle_call


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Control(Handler):
    def do_POST(self):
        asked = json.loads(self.body() or b"{}")
        self.answer(200, getattr(self, self.path.strip("/"))(asked, ACCOUNTS.get(asked.get("key"))))

    def account(self, _, __):
        account = Account()
        ACCOUNTS[account.key] = account
        return {"account_sid": account.sid, "api_key_sid": account.key, "api_key_secret": account.secret,
                "auth_token": account.auth_token, "hook": HOOK}

    def fault(self, asked, account):
        with account.lock:
            account.next_faults += asked.get("next", [])
            account.rate = asked.get("rate", account.rate)
        return {}

    def state(self, _, account):
        with account.lock:
            living = [r["document"]["unique_name"] for r in account.rooms.values()
                      if r["document"]["status"] == "in-progress"]
            inside = [p["identity"] for r in account.rooms.values() for p in r["people"].values()
                      if p["status"] == "connected"]
            kept = [r for r in [*account.recordings.values(), *account.compositions.values()] if r["status"] != "deleted"]
            return {"living": len(living), "created": len(account.rooms), "names": living, "inside": inside,
                    "kept": len(kept), "rooms": [room["document"] for room in account.rooms.values()],
                    "compositions": list(account.compositions.values()),
                    "reached": account.reached, "faults": account.faults, "requests": account.requests}

    def join(self, asked, account):
        """Plays a browser with a token; believes nothing but the signature."""
        head, claims, signature = asked["token"].split(".")
        own = hmac.new(account.secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        head, claims = json.loads(decode(head)), json.loads(decode(claims))
        grants, now = claims["grants"], asked["now"]
        good = hmac.compare_digest(own, decode(signature)) and head == {
            "alg": "HS256", "typ": "JWT", "cty": "twilio-fpa;v=1"}
        good = good and claims["iss"] == account.key and claims["sub"] == account.sid
        good = good and claims["jti"].startswith(account.key + "-") and claims["iat"] <= now < claims["exp"]
        good = good and claims["exp"] - claims["iat"] <= 86400 and set(grants) == {"identity", "video"}
        room = account.rooms.get(grants["video"].get("room"))
        with account.lock:
            good = bool(good and room and room["document"]["status"] == "in-progress")
            if good:
                inside = [person for person in room["people"].values() if person["status"] == "connected"]
                good = len(inside) < room["document"]["max_participants"]
            if good:
                identifier, at = sid("PA"), date(datetime.datetime.now(datetime.timezone.utc))
                room["people"][identifier] = {
                    "sid": identifier, "room_sid": room["document"]["sid"], "account_sid": account.sid,
                    "status": "connected", "identity": grants["identity"], "date_created": at, "date_updated": at,
                    "start_time": at, "end_time": None, "duration": None, "links": {},
                    "url": f"https://video.twilio.com/v1/Rooms/{room['document']['sid']}/Participants/{identifier}"}
                account.capture(room)
        return {"joined": good}

    def callback(self, asked, account):
        """Makes a status callback as Twilio would send it."""
        form = {"AccountSid": account.sid, "RoomName": "key", "RoomType": "group", "RoomStatus": "completed",
                "SequenceNumber": "7", **asked["form"]}
        body = urllib.parse.urlencode(form)
        text = HOOK + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(account.auth_token.encode(), text.encode(), hashlib.sha1).digest()
        return {"url": HOOK, "signature": base64.b64encode(digest).decode(), "body": body}


def main():
    service, control = (ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in (Service, Control))
    for server in (service, control):
        server.daemon_threads = True
        server.request_queue_size = 256
    threading.Thread(target=control.serve_forever, daemon=True).start()
    print(json.dumps({"service": service.server_port, "control": control.server_port}), flush=True)
    service.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
