"""Uses the fake through the vendor's own client, beside a room that somebody else opened. Fails on any surprise."""

import json
import os
import sys

import boto3
from botocore.config import Config

key, secret, meeting_id = sys.argv[1:]
options = {
    "region_name": os.environ["MENTALSPACE_CHIME_REGION"], "endpoint_url": os.environ["MENTALSPACE_CHIME_ENDPOINT"],
    "aws_access_key_id": key, "aws_secret_access_key": secret, "config": Config(retries={"total_max_attempts": 1}),
}
meetings, pipelines = boto3.client("chime-sdk-meetings", **options), boto3.client("chime-sdk-media-pipelines", **options)
seen = meetings.get_meeting(MeetingId=meeting_id)["Meeting"]
seats, token = [], {}
while True:
    page = meetings.list_attendees(MeetingId=meeting_id, MaxResults=100, **token)
    seats += [attendee["ExternalUserId"] for attendee in page["Attendees"]]
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}

ask = {"ClientRequestToken": "boto3-room", "ExternalMeetingId": "boto3-room", "MediaRegion": "us-west-2"}
made, again = (meetings.create_meeting(**ask)["Meeting"] for _ in range(2))
assert made == again, "one token, one meeting"
attendee = meetings.create_attendee(MeetingId=made["MeetingId"], ExternalUserId="Somebody")["Attendee"]
assert meetings.create_attendee(MeetingId=made["MeetingId"], ExternalUserId="sOMEBODY")["Attendee"] == attendee
try:
    meetings.create_attendee(MeetingId=made["MeetingId"], ExternalUserId="x" * 65)
    raise AssertionError("a name of 65 characters was taken")
except meetings.exceptions.BadRequestException as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
capture = pipelines.create_media_capture_pipeline(
    SourceType="ChimeSdkMeeting", SourceArn=made["MeetingArn"], SinkType="S3Bucket", SinkArn="arn:aws:s3:::bucket",
)["MediaCapturePipeline"]
pipelines.delete_media_capture_pipeline(MediaPipelineId=capture["MediaPipelineId"])
meetings.delete_attendee(MeetingId=made["MeetingId"], AttendeeId=attendee["AttendeeId"])
meetings.delete_meeting(MeetingId=made["MeetingId"])
for call in (meetings.get_meeting, meetings.delete_meeting):
    try:
        call(MeetingId=made["MeetingId"])
        raise AssertionError("a meeting survived its end")
    except meetings.exceptions.NotFoundException:
        pass
queue = boto3.client("sqs", **options)
told = queue.receive_message(QueueUrl=options["endpoint_url"] + "/111122223333/visits", MaxNumberOfMessages=10)
print(json.dumps({"external": seen["ExternalMeetingId"], "seats": seats, "told": len(told.get("Messages", []))}))
