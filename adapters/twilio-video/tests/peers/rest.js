// Uses the fake through the vendor's own client, beside a room that somebody else opened. Fails on any surprise.
const assert = require("node:assert");
const twilio = require("twilio");

const [account, key, secret, roomSid] = process.argv.slice(2);

async function main() {
  const client = twilio(key, secret, { accountSid: account });
  const video = client.video;
  // The library would bend the address of a loopback into one of its own regions.
  client.getHostname = (host) => host;
  video.baseUrl = process.env.MENTALSPACE_TWILIO_ENDPOINT;

  const seen = await video.v1.rooms(roomSid).fetch();
  const inside = await video.v1.rooms(roomSid).participants.list({ status: "connected" });

  const made = await video.v1.rooms.create({
    uniqueName: "npm-room", type: "group", maxParticipants: 4, emptyRoomTimeout: 5, unusedRoomTimeout: 5,
    maxParticipantDuration: 7200, recordParticipantsOnConnect: false, mediaRegion: "us2",
    statusCallback: "https://practice.example/hook", statusCallbackMethod: "POST",
  });
  await assert.rejects(video.v1.rooms.create({ uniqueName: "npm-room" }), { status: 400, code: 53113 });
  await assert.rejects(video.v1.rooms.create({ uniqueName: "other", maxParticipants: 51 }), { status: 400 });
  assert.equal((await video.v1.rooms("npm-room").fetch()).sid, made.sid);
  await video.v1.rooms(made.sid).recordingRules.update({ rules: [{ type: "include", all: true }] });
  await video.v1.rooms(made.sid).update({ status: "completed" });
  await assert.rejects(video.v1.rooms("npm-room").fetch(), { status: 404 });
  assert.equal((await video.v1.rooms(made.sid).fetch()).status, "completed");
  const composition = await video.v1.compositions.create({
    roomSid: made.sid, audioSources: ["*"], videoLayout: { grid: { video_sources: ["*"] } }, format: "mp4",
  });
  assert.equal((await video.v1.compositions.list({ roomSid: made.sid })).length, 1);
  await video.v1.compositions(composition.sid).remove();
  console.log(JSON.stringify({ name: seen.uniqueName, inside: inside.map((person) => person.identity) }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
