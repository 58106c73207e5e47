"""A Chime SDK in memory, for tests.

Routes, reads, checks and writes by botocore's own service models, and recomputes every signature with botocore's own
signer. Each access key is an account of its own with its own rooms, queue, faults and log, so that tests may run side
by side. A second port controls it. Prints one line of JSON with both ports and then serves until it is stopped.
"""

import base64
import datetime
import json
import random
import re
import secrets
import sys
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION, ACCOUNT = "us-east-1", "111122223333"
LOADER = botocore.session.get_session()
MODELS = {name: LOADER.get_service_model(name) for name in ("chime-sdk-meetings", "chime-sdk-media-pipelines", "sqs")}
PAGE = 10  # attendees per page, whatever is asked for


class Refusal(Exception):
    def __init__(self, status, code, message="no", headers=()):
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers)


class Lost(Exception):
    """The call had its effect; nobody hears of it."""


# --- shapes -----------------------------------------------------------------------------------------------------------

def check(shape, value, where):
    """Holds a value against a shape: members, types, lengths, ranges, patterns, choices."""
    def bad(rule):
        raise Refusal(400, "BadRequestException", f"{where} {rule}")

    kind, rules = shape.type_name, shape.metadata
    if kind == "structure":
        if not isinstance(value, dict):
            bad("is no object")
        for name in shape.required_members:
            if value.get(name) is None:
                bad(f"lacks {name}")
        for name, inner in value.items():
            if name not in shape.members:
                bad(f"has no member {name}")
            check(shape.members[name], inner, f"{where}.{name}")
    elif kind == "list":
        if not isinstance(value, list):
            bad("is no list")
        if not rules.get("min", 0) <= len(value) <= rules.get("max", 1 << 30):
            bad("has the wrong number of elements")
        for inner in value:
            check(shape.member, inner, f"{where}[]")
    elif kind == "map":
        if not isinstance(value, dict):
            bad("is no map")
    elif kind == "string":
        if not isinstance(value, str):
            bad("is no text")
        if not rules.get("min", 0) <= len(value) <= rules.get("max", 1 << 30):
            bad("has the wrong length")
        if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
            bad("breaks its pattern")
        if getattr(shape, "enum", None) and value not in shape.enum:
            bad("is none of its choices")
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            bad("is no number")
        if not rules.get("min", -(1 << 62)) <= value <= rules.get("max", 1 << 62):
            bad("is out of range")
    elif kind == "boolean" and not isinstance(value, bool):
        bad("is no truth value")


def route(method, path, query, target):
    """Finds the operation of a request, and what its address says."""
    if target:
        name = target.removeprefix("AmazonSQS.")
        model = MODELS["sqs"]
        if path != "/" or method != "POST" or name not in model.operation_names:
            raise Refusal(404, "UnknownOperationException")
        return model, model.operation_model(name), {}
    for model in (MODELS["chime-sdk-meetings"], MODELS["chime-sdk-media-pipelines"]):
        found = []
        for name in model.operation_names:
            operation = model.operation_model(name)
            uri, _, fixed = operation.http["requestUri"].partition("?")
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri))
            match = re.fullmatch(pattern, path)
            fixed = dict(urllib.parse.parse_qsl(fixed))
            if operation.http["method"] == method and match and fixed.items() <= query.items():
                found.append((len(fixed), operation, match.groupdict(), fixed))
        if found:
            _, operation, uri, fixed = max(found, key=lambda entry: entry[0])
            return model, operation, (uri, {k: v for k, v in query.items() if k not in fixed})
    raise Refusal(404, "UnknownOperationException", f"{method} {path}")


def read(operation, address, body):
    """Builds the input of an operation and checks it."""
    shape = operation.input_shape
    if operation.service_model.signing_name == "sqs":
        value = json.loads(body or b"{}")
        check(shape, value, operation.name)
        return value
    uri, query = address
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        raise Refusal(400, "BadRequestException", "the body is no JSON")
    value, used = {}, set()
    for name, member in shape.members.items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri" and wire in uri:
            value[name] = urllib.parse.unquote(uri[wire])
        elif place == "querystring" and wire in query:
            used.add(wire)
            value[name] = int(query[wire]) if member.type_name == "integer" else query[wire]
        elif place is None and wire in document:
            value[name] = document.pop(wire)
    if document or used != set(query):
        raise Refusal(400, "BadRequestException", f"unknown: {sorted(document)} {sorted(set(query) - used)}")
    check(shape, value, operation.name)
    return value


def verify(method, host, path, query, headers, body, service, accounts):
    """Recomputes the signature with botocore and returns whose it is."""
    parts = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
        r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not parts:
        raise Refusal(403, "MissingAuthenticationTokenException")
    key, date, region, signed_service, names, signature = parts.groups()
    account = accounts.get(key)
    if not account:
        raise Refusal(403, "UnrecognizedClientException")
    names = names.split(";")
    must = {"host"} | {name for name in headers if name.startswith("x-amz-")}
    stamp = headers.get("x-amz-date", "")
    if not must <= set(names) or not stamp.startswith(date) or (region, signed_service) != (REGION, service):
        raise Refusal(403, "InvalidSignatureException", "scope or signed headers")
    at = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if abs((datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()) > 300:
        raise Refusal(403, "InvalidSignatureException", "signature expired")
    if account.session and headers.get("x-amz-security-token") != account.session:
        raise Refusal(403, "UnrecognizedClientException")
    url = f"http://{host}{path}" + (f"?{query}" if query else "")
    signed = {name: headers[name] for name in names if name in headers}
    signed.pop("x-amz-content-sha256", None)
    request = AWSRequest(method=method, url=url, data=body, headers=signed)
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(key, account.secret, account.session), service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if signer.signature(text, request) != signature:
        raise Refusal(403, "InvalidSignatureException", "the signature does not match")
    return account


# --- what Chime does --------------------------------------------------------------------------------------------------

class Account:
    def __init__(self, session):
        self.key = "AKIA" + secrets.token_hex(8).upper()
        self.secret = secrets.token_urlsafe(30)
        self.session = secrets.token_urlsafe(60) if session else None
        self.lock = threading.RLock()
        self.meetings, self.created = {}, 0
        self.pipelines = {}
        self.messages, self.waiting = {}, threading.Condition(self.lock)
        self.next_faults, self.rate, self.random = [], 0.0, random.Random(7)
        self.requests, self.faults = [], {}
        self.quota = 250

    def fault(self):
        """Decides how a call goes wrong."""
        with self.lock:
            if self.next_faults:
                kind = self.next_faults.pop(0)
            elif self.random.random() < self.rate:
                kind = self.random.choice(["throttle", "unavailable", "drop", "lose"])
            else:
                return None
            self.faults[kind] = self.faults.get(kind, 0) + 1
            return kind

    def meeting(self, identifier):
        found = self.meetings.get(identifier.lower())
        if not found or found["ended"]:
            raise Refusal(404, "NotFoundException", f"Meeting {identifier} not found")
        return found

    def attendee(self, call):
        meeting = self.meeting(call["MeetingId"])
        found = meeting["attendees"].get(call["AttendeeId"].lower())
        if not found:
            raise Refusal(404, "NotFoundException")
        return meeting, found

    def tell(self, kind, meeting, attendee=None, pipeline=None):
        detail = {
            "version": "0", "eventType": f"chime:{kind}", "timestamp": int(time.time() * 1000),
            "meetingId": meeting["document"]["MeetingId"],
            "externalMeetingId": meeting["document"]["ExternalMeetingId"],
            "mediaRegion": meeting["document"]["MediaRegion"],
        }
        if attendee:
            detail |= {"attendeeId": attendee["AttendeeId"], "externalUserId": attendee["ExternalUserId"],
                       "networkType": "Voip"}
        if pipeline:
            detail["mediaPipelineId"] = pipeline
        name = "Chime Media Pipeline State Change" if pipeline else "Chime Meeting State Change"
        event = {"version": "0", "id": str(uuid.uuid4()), "source": "aws.chime", "account": ACCOUNT, "region": REGION,
                 "detail-type": name, "time": "2026-11-23T15:00:00Z", "resources": [], "detail": detail}
        self.post(json.dumps(event))
        if meeting["notify"]:
            self.post(json.dumps(event))

    def post(self, body):
        with self.lock:
            self.messages[str(uuid.uuid4())] = {"body": body, "visible": 0.0, "receipt": None}
            self.waiting.notify_all()

    def CreateMeeting(self, call):
        for found in self.meetings.values():
            if found["token"] == call["ClientRequestToken"] and not found["ended"]:
                return 200, {"Meeting": found["document"]}
        identifier = str(uuid.uuid4())
        document = {
            "MeetingId": identifier, "ExternalMeetingId": call["ExternalMeetingId"], "MediaRegion": call["MediaRegion"],
            "MediaPlacement": {"AudioHostUrl": "a.k.m1.ue1.app.chime.aws:3478", "AudioFallbackUrl": "wss://h/calls",
                               "SignalingUrl": "wss://signal.m1.ue1.app.chime.aws/control/" + identifier,
                               "EventIngestionUrl": "https://data.svc.ue1.ingest.chime.aws/v1/client-events"},
            "MeetingFeatures": call.get("MeetingFeatures", {}),
            "MeetingArn": f"arn:aws:chime:{REGION}:{ACCOUNT}:meeting/{identifier}",
        }
        notify = call.get("NotificationsConfiguration", {}).get("SqsQueueArn")
        self.meetings[identifier] = {"document": document, "attendees": {}, "ended": False, "notify": notify,
                                     "token": call["ClientRequestToken"], "inside": set()}
        self.created += 1
        return 201, {"Meeting": document}

    def GetMeeting(self, call):
        return 200, {"Meeting": self.meeting(call["MeetingId"])["document"]}

    def DeleteMeeting(self, call):
        meeting = self.meeting(call["MeetingId"])
        meeting["ended"] = True
        for pipeline in self.pipelines.values():
            if pipeline["meeting"] is meeting and pipeline["kind"] == "MediaCapturePipeline":
                pipeline["document"]["Status"] = "Stopped"
        self.tell("MeetingEnded", meeting)
        return 204, {}

    def capabilities(self, given):
        hears = ("SendReceive", "Receive")
        if given["Content"] in hears and given["Video"] not in hears:
            raise Refusal(400, "BadRequestException", "content needs video")
        return given

    def CreateAttendee(self, call):
        meeting = self.meeting(call["MeetingId"])
        if call["ExternalUserId"].lower().startswith("aws:"):
            raise Refusal(400, "BadRequestException", "reserved")
        for found in meeting["attendees"].values():
            if found["ExternalUserId"].lower() == call["ExternalUserId"].lower():
                return 200, {"Attendee": found}
        if len(meeting["attendees"]) >= self.quota:
            raise Refusal(400, "LimitExceededException")
        everything = {name: "SendReceive" for name in ("Audio", "Video", "Content")}
        attendee = {"ExternalUserId": call["ExternalUserId"], "AttendeeId": str(uuid.uuid4()),
                    "JoinToken": base64.b64encode(secrets.token_bytes(120)).decode(),
                    "Capabilities": self.capabilities(call.get("Capabilities", everything))}
        meeting["attendees"][attendee["AttendeeId"]] = attendee
        self.tell("AttendeeAdded", meeting, attendee)
        return 201, {"Attendee": attendee}

    def GetAttendee(self, call):
        return 200, {"Attendee": self.attendee(call)[1]}

    def DeleteAttendee(self, call):
        meeting, attendee = self.attendee(call)
        del meeting["attendees"][attendee["AttendeeId"]]
        if attendee["AttendeeId"] in meeting["inside"]:
            meeting["inside"].remove(attendee["AttendeeId"])
            self.tell("AttendeeLeft", meeting, attendee)
        self.tell("AttendeeDeleted", meeting, attendee)
        return 204, {}

    def UpdateAttendeeCapabilities(self, call):
        attendee = self.attendee(call)[1]
        attendee["Capabilities"] = self.capabilities(call["Capabilities"])
        return 200, {"Attendee": attendee}

    def ListAttendees(self, call):
        everybody = list(self.meeting(call["MeetingId"])["attendees"].values())
        size = min(call.get("MaxResults", PAGE), PAGE)
        token = call.get("NextToken")
        start = int(base64.b64decode(token).split(b"/")[1]) if token else 0
        answer = {"Attendees": everybody[start:start + size]}
        if start + size < len(everybody):
            answer["NextToken"] = base64.b64encode(b"a+b/%d/?&=" % (start + size)).decode()
        return 200, answer

    def CreateMediaCapturePipeline(self, call):
        for found in self.pipelines.values():
            if found["token"] == call.get("ClientRequestToken") and found["kind"] == "MediaCapturePipeline":
                return 201, {found["kind"]: found["document"]}
        meeting = self.meeting(call["SourceArn"].rsplit("/", 1)[1])
        if any(pipeline["meeting"] is meeting and not pipeline["deleted"] for pipeline in self.pipelines.values()):
            raise Refusal(400, "ResourceLimitExceededException")
        document = self.pipeline("MediaCapturePipeline", meeting, call)
        bot = {"ExternalUserId": f"aws:MediaPipeline-{document['MediaPipelineId']}"[:64],
               "AttendeeId": document["MediaPipelineId"], "JoinToken": "xx"}
        meeting["attendees"][bot["AttendeeId"]] = bot
        self.tell("MediaPipelineInProgress", meeting, pipeline=document["MediaPipelineId"])
        return 201, {"MediaCapturePipeline": document}

    def pipeline(self, kind, meeting, call):
        identifier = str(uuid.uuid4())
        own = {name: value for name, value in call.items() if name not in ("ClientRequestToken", "Tags")}
        document = {"MediaPipelineId": identifier, "Status": "Initializing", **own,
                    "MediaPipelineArn": f"arn:aws:chime:{REGION}:{ACCOUNT}:media-pipeline/{identifier}"}
        self.pipelines[identifier] = {"kind": kind, "meeting": meeting, "document": document, "deleted": False,
                                      "token": call.get("ClientRequestToken")}
        return document

    def known_pipeline(self, call, *kinds):
        found = self.pipelines.get(call["MediaPipelineId"].lower())
        if not found or found["deleted"] or found["kind"] not in kinds:
            raise Refusal(404, "NotFoundException")
        return found

    def GetMediaCapturePipeline(self, call):
        return 200, {"MediaCapturePipeline": self.known_pipeline(call, "MediaCapturePipeline")["document"]}

    def DeleteMediaCapturePipeline(self, call):
        found = self.known_pipeline(call, "MediaCapturePipeline")
        found["deleted"] = True
        found["meeting"]["attendees"].pop(found["document"]["MediaPipelineId"], None)
        self.tell("MediaPipelineDeleted", found["meeting"], pipeline=found["document"]["MediaPipelineId"])
        return 204, {}

    def CreateMediaConcatenationPipeline(self, call):
        for found in self.pipelines.values():
            if found["token"] == call.get("ClientRequestToken"):
                if found["kind"] != "MediaConcatenationPipeline":
                    raise Refusal(400, "BadRequestException", "the token is taken")
                return 201, {found["kind"]: found["document"]}
        arn = call["Sources"][0]["MediaCapturePipelineSourceConfiguration"]["MediaPipelineArn"]
        source = self.pipelines.get(arn.rsplit("/", 1)[1])
        if not source or source["kind"] != "MediaCapturePipeline":
            raise Refusal(404, "NotFoundException")
        return 201, {"MediaConcatenationPipeline": self.pipeline("MediaConcatenationPipeline", source["meeting"], call)}

    def GetMediaPipeline(self, call):
        """Every look finds a concatenation one step further."""
        found = self.known_pipeline(call, "MediaCapturePipeline", "MediaConcatenationPipeline")
        answer = {found["kind"]: dict(found["document"])}
        if found["kind"] == "MediaConcatenationPipeline":
            steps = ["Initializing", "InProgress", "Stopping", "Stopped"]
            step = steps.index(found["document"]["Status"])
            found["document"]["Status"] = steps[min(step + 1, 3)]
        return 200, {"MediaPipeline": answer}

    def ReceiveMessage(self, call):
        until = time.monotonic() + call.get("WaitTimeSeconds", 0)
        while True:
            ready = [(key, m) for key, m in self.messages.items() if m["visible"] <= time.monotonic()]
            if ready or time.monotonic() >= until:
                break
            self.waiting.wait(until - time.monotonic())
        answer = []
        for key, message in ready[:call.get("MaxNumberOfMessages", 1)]:
            message["visible"] = time.monotonic() + call.get("VisibilityTimeout", 30)
            message["receipt"] = f"{key}#{secrets.token_hex(4)}"
            answer.append({"MessageId": key, "ReceiptHandle": message["receipt"], "Body": message["body"]})
        return 200, {"Messages": answer} if answer else {}

    def DeleteMessageBatch(self, call):
        done, failed = [], []
        for entry in call["Entries"]:
            if entry["ReceiptHandle"].count("#") != 1:
                failed.append({"Id": entry["Id"], "SenderFault": True, "Code": "ReceiptHandleIsInvalid"})
                continue
            self.messages.pop(entry["ReceiptHandle"].split("#")[0], None)
            done.append({"Id": entry["Id"]})
        return 200, {"Successful": done, "Failed": failed}


# --- servers ----------------------------------------------------------------------------------------------------------

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
        if text:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


class Service(Handler):
    def handle_call(self):
        body, request_id = self.body(), str(uuid.uuid4())
        path, _, query_text = self.path.partition("?")
        headers = {}
        for name, value in self.headers.items():
            headers[name.lower()] = value
        try:
            status, answer = self.play(path, query_text, headers, body)
            self.answer(status, answer, {"x-amzn-RequestId": request_id})
        except Lost:
            self.close_connection = True
            self.connection.close()
        except Refusal as refusal:
            extra = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": refusal.code, **refusal.headers}
            message = {"Code": refusal.code.removesuffix("Exception"), "Message": refusal.message,
                       "RequestId": request_id, "Resource": None}
            self.answer(refusal.status, message, extra)

    def play(self, path, query_text, headers, body):
        query = dict(urllib.parse.parse_qsl(query_text, keep_blank_values=True))
        model, operation, address = route(self.command, path, query, headers.get("x-amz-target"))
        account = verify(self.command, headers["host"], path, query_text, headers, body, model.signing_name, ACCOUNTS)
        with account.lock:
            account.requests.append(f"{self.requestline}\n{self.headers}{body.decode('utf-8', 'replace')}")
        fault = account.fault()
        if fault == "throttle":
            raise Refusal(429, "ThrottlingException", headers={"Retry-After": "0"})
        if fault == "unavailable":
            raise Refusal(503, "ServiceUnavailableException")
        if fault == "limit":
            raise Refusal(400, "ResourceLimitExceededException")
        if fault == "drop":
            raise Lost
        call = read(operation, address, body)
        with account.lock:
            play = getattr(account, operation.name, None)
            if play is None:
                raise Refusal(400, "UnsupportedOperationException", operation.name)
            status, answer = play(call)
            answer = json.loads(json.dumps(answer))
        if operation.output_shape is not None:
            check(operation.output_shape, answer, operation.name)
        if fault == "lose":
            raise Lost
        return status, answer

    do_GET = do_POST = do_PUT = do_DELETE = handle_call


class Control(Handler):
    def do_POST(self):
        asked = json.loads(self.body() or b"{}")
        self.answer(200, getattr(self, self.path.strip("/"))(asked, ACCOUNTS.get(asked.get("key"))))

    def account(self, asked, _):
        account = Account(asked.get("session"))
        ACCOUNTS[account.key] = account
        return {"access_key_id": account.key, "secret_access_key": account.secret, "session_token": account.session}

    def fault(self, asked, account):
        with account.lock:
            account.next_faults += asked.get("next", [])
            account.rate = asked.get("rate", account.rate)
            account.quota = asked.get("quota", account.quota)
        return {}

    def state(self, _, account):
        with account.lock:
            living = [m for m in account.meetings.values() if not m["ended"]]
            return {"living": len(living), "created": account.created, "faults": account.faults,
                    "requests": account.requests, "messages": len(account.messages),
                    "attendees": sum(len(m["attendees"]) for m in living),
                    "tokens": [m["token"] for m in living]}

    def join(self, asked, account):
        """Plays a browser with the two documents."""
        meeting = account.meetings.get(asked["meeting"].get("MeetingId", "").lower())
        attendee = asked["attendee"]
        with account.lock:
            known = meeting and not meeting["ended"] and meeting["attendees"].get(attendee.get("AttendeeId"))
            good = bool(known) and known["JoinToken"] == attendee.get("JoinToken")
            seats = meeting["document"]["MeetingFeatures"].get("Attendee", {}).get("MaxCount", 250) if good else 0
            good = good and len(meeting["inside"] | {known["AttendeeId"]}) <= seats
            if good:
                meeting["inside"].add(known["AttendeeId"])
                account.tell("AttendeeJoined", meeting, known)
        return {"joined": good}

    def message(self, asked, account):
        account.post(asked["body"])
        return {}

    def reappear(self, _, account):
        """Lets the time pass after which an unacknowledged message is handed out again."""
        with account.lock:
            for message in account.messages.values():
                message["visible"] = 0.0
        return {}


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
