// Amazon Chime SDK meetings, by the vendor's own library (vendor/chime.js). It prints nothing and reports nothing about
// the meeting beyond what carries it.

import { Totals } from "../quality.js";
import {
  AudioProfile, DefaultDeviceController, DefaultEventController, DefaultMeetingSession, MeetingSessionConfiguration,
  MeetingSessionStatusCode as Code, NoOpEventReporter, NoOpLogger,
} from "../vendor/chime.js";

const CONTENT = "#content";
/** How long the service may take to let somebody in. */
const PATIENCE = 30_000;
const ENDS = new Map([
  [Code.AudioJoinedFromAnotherDevice, "replaced"],
  [Code.MeetingEnded, "ended"],
  [Code.AudioAttendeeRemoved, "removed"],
  [Code.AudioDisconnectAudio, "removed"],
]);
const REFUSALS = new Map([
  [Code.AudioAuthenticationRejected, "refused"],
  [Code.AudioCallAtCapacity, "full"],
  [Code.MeetingEnded, "refused"],
  [Code.SignalingBadRequest, "refused"],
]);

export default class ChimeMedia {
  onPeer = () => {};
  onState = () => {};
  onPermitted = () => {};
  #session;
  #me;
  #peers = new Map();
  #sent = { audio: null, video: null, screen: null };
  #report = null;
  #totals = new Totals();
  #sound = new Audio();
  #over = false;

  grantOf(credential) {
    return JSON.parse(credential.participant).ExternalUserId;
  }

  async join(credential, tracks) {
    const attendee = JSON.parse(credential.participant);
    const configuration = new MeetingSessionConfiguration(JSON.parse(credential.room), attendee);
    this.#me = configuration.credentials.attendeeId;
    const logger = new NoOpLogger();
    const devices = new DefaultDeviceController(logger);
    const events = new DefaultEventController(configuration, logger, new NoOpEventReporter());
    this.#session = new DefaultMeetingSession(configuration, logger, devices, events);
    const av = this.#session.audioVideo;
    // Redundant sound would take a worker made of text, which this page's policy forbids.
    av.setAudioProfile(AudioProfile.fullbandSpeechMono(false));
    this.#permit(attendee.Capabilities);
    av.realtimeSubscribeToAttendeeIdPresence((id, present, name) => this.#present(id, present, name));
    await av.bindAudioElement(this.#sound);
    const started = this.#watch(av);
    await this.setTracks(tracks);
    av.start();
    try {
      await started;
    } catch (error) {
      this.#end();
      throw error;
    }
    this.onState("connected");
  }

  /** Resolves once inside; afterwards tells what happens. */
  #watch(av) {
    return new Promise((resolve, reject) => {
      let inside = false;
      const late = setTimeout(reject, PATIENCE, new Error("failed"));
      av.addObserver({
        audioVideoDidStart: () => { inside = true; clearTimeout(late); resolve(); },
        audioVideoDidStop: (status) => {
          clearTimeout(late);
          const code = status.statusCode();
          if (!inside) reject(new Error(REFUSALS.get(code) || "failed"));
          else if (code !== Code.Left) this.#finish(ENDS.get(code) || "dropped");
        },
        videoTileDidUpdate: (tile) => this.#tile(tile),
        videoTileWasRemoved: (id) => this.#untile(id),
        metricsDidReceive: (report) => { this.#report = report.getRTCStatsReport(); },
      });
      av.addContentShareObserver({ contentShareDidStop: () => { this.#sent.screen = null; } });
    });
  }

  #permit(capabilities) {
    const may = (line) => !capabilities || ["Send", "SendReceive"].includes(capabilities[line]);
    this.onPermitted({ audio: may("Audio"), video: may("Video"), screen: may("Content") });
  }

  async setTracks(tracks) {
    const av = this.#session?.audioVideo;
    if (!av || this.#over) return;
    const before = this.#sent;
    this.#sent = { ...tracks };
    // The library stops what it was given once it is done with it, so it is given copies.
    const copy = (track) => new MediaStream([track.clone()]);
    if (tracks.audio !== before.audio) {
      if (tracks.audio) {
        await av.startAudioInput(copy(tracks.audio));
        av.realtimeUnmuteLocalAudio();
      } else {
        av.realtimeMuteLocalAudio();
      }
    }
    if (tracks.video !== before.video) {
      if (tracks.video) {
        await av.startVideoInput(copy(tracks.video));
        av.startLocalVideoTile();
      } else {
        av.stopLocalVideoTile();
        await av.stopVideoInput();
      }
    }
    if (tracks.screen !== before.screen) {
      if (tracks.screen) await av.startContentShare(copy(tracks.screen));
      else av.stopContentShare();
    }
  }

  async stats() {
    const report = this.#report;
    return report && this.#totals.take([{ getStats: () => report }]);
  }

  leave() {
    this.#end();
  }

  /** `name` is the grant, of a shared screen with a mark behind it. */
  #present(id, present, name) {
    if (id.endsWith(CONTENT) || id === this.#me) return;
    if (!present) {
      this.#session?.audioVideo.realtimeUnsubscribeFromVolumeIndicator(id);
      this.#peers.delete(id);
      if (name) this.onPeer(name, null);
      return;
    }
    if (this.#peers.has(id)) return;
    const peer = { name, muted: false, volume: 0, video: null, screen: null };
    this.#peers.set(id, peer);
    this.#session.audioVideo.realtimeSubscribeToVolumeIndicator(id, (_, volume, muted) => {
      peer.volume = volume ?? peer.volume;
      if (muted !== null && muted !== peer.muted) { peer.muted = muted; this.#show(peer); }
    });
    this.#show(peer);
  }

  #tile(tile) {
    if (tile.localTile || !tile.boundAttendeeId) return;
    const peer = this.#peers.get(tile.boundAttendeeId.replace(CONTENT, ""));
    if (!peer) return;
    const line = tile.isContent ? "screen" : "video";
    peer[line] = tile.boundVideoStream?.getVideoTracks()[0] || null;
    peer[`${line}Tile`] = tile.tileId;
    this.#show(peer);
  }

  #untile(id) {
    for (const peer of this.#peers.values()) {
      for (const line of ["video", "screen"]) {
        if (peer[`${line}Tile`] === id) { peer[line] = null; this.#show(peer); }
      }
    }
  }

  #show(peer) {
    const { name, video, screen, muted } = peer;
    this.onPeer(name, { audio: null, video, screen, muted, level: () => (peer.muted ? 0 : peer.volume) });
  }

  #finish(word) {
    if (this.#over) return;
    this.#end();
    this.onState(word);
  }

  #end() {
    if (this.#over) return;
    this.#over = true;
    const session = this.#session;
    for (const { name } of this.#peers.values()) this.onPeer(name, null);
    this.#peers.clear();
    session.audioVideo.unbindAudioElement();
    session.audioVideo.stop();
    this.#sound.srcObject = null;
    session.deviceController.destroy().catch(() => {});
  }
}
