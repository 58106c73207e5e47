// Peer-to-peer: a mesh of connections, introduced by the server over one WebSocket.
//
// Each connection has three fixed lines in this order: voice, picture, screen. What is sent changes by replacing a track,
// so nothing is negotiated again but the path (ICE restart). Whoever came later offers; whoever was there is polite.

import { Totals } from "../quality.js";

const LINES = ["audio", "video", "screen"];
const KINDS = { audio: "audio", video: "video", screen: "video" };
const WELCOME = 10_000;

/** Bits per second for the picture to each of so many others. */
const budget = (others) => (others <= 1 ? 1_500_000 : others <= 3 ? 600_000 : 300_000);

export default class LocalMedia {
  onPeer = () => {};
  onState = () => {};
  onPermitted = () => {};
  #peers = new Map();
  #tracks = { audio: null, video: null, screen: null };
  #totals = new Totals();
  #me;
  #socket;
  #ice;
  #over = false;

  grantOf(credential) {
    return JSON.parse(credential.participant).token.split(".")[1];
  }

  join(credential, tracks) {
    const room = JSON.parse(credential.room);
    this.#ice = room.ice;
    this.#tracks = { ...tracks };
    const url = new URL(room.socket, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => { this.#end(); reject(new Error("failed")); }, WELCOME);
      this.#socket.onopen = () => this.#socket.send(credential.participant);
      this.#socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "welcome") {
          clearTimeout(late);
          this.#welcome(message);
          resolve();
        } else if (message.type === "bye" && !this.#me) {
          clearTimeout(late);
          this.#end();
          reject(new Error(message.reason === "full" ? "full" : "refused"));
        } else {
          this.#hear(message);
        }
      };
      this.#socket.onclose = () => {
        clearTimeout(late);
        if (!this.#me) reject(new Error("failed"));
        else this.#finish("dropped");
      };
    });
  }

  #welcome(message) {
    this.#me = message.you;
    this.onPermitted(message.media);
    for (const peer of message.peers) this.#add(peer, true);
    this.onState("connected");
  }

  #hear(message) {
    switch (message.type) {
      case "joined": this.#add(message.peer, false); break;
      case "left": this.#drop(message.peer); break;
      case "media":
        if (message.peer === this.#me) this.onPermitted(message.media);
        else this.#peers.get(message.peer)?.permit(message.media);
        break;
      case "signal": this.#peers.get(message.from)?.hear(message.data); break;
      case "bye":
        this.#finish({ replaced: "replaced", removed: "removed", ended: "ended" }[message.reason] || "dropped");
        break;
    }
  }

  #add({ id, media }, offers) {
    this.#drop(id);
    const send = (data) => {
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: "signal", to: id, data }));
    };
    const peer = new Peer(this.#ice, offers, send, (seen) => this.onPeer(id, seen));
    this.#peers.set(id, peer);
    peer.permit(media);
    peer.start(this.#tracks, budget(this.#peers.size));
    this.#share();
  }

  #drop(id) {
    const peer = this.#peers.get(id);
    if (!peer) return;
    peer.close();
    this.#peers.delete(id);
    this.onPeer(id, null);
    this.#share();
  }

  #share() {
    for (const peer of this.#peers.values()) peer.limit(budget(this.#peers.size));
  }

  setTracks(tracks) {
    this.#tracks = { ...tracks };
    return Promise.all([...this.#peers.values()].map((peer) => peer.send(this.#tracks)));
  }

  stats() {
    return this.#totals.take([...this.#peers.values()].map((peer) => peer.connection));
  }

  leave() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: "leave" }));
    this.#end();
  }

  #finish(word) {
    if (this.#over) return;
    this.#end();
    this.onState(word);
  }

  #end() {
    this.#over = true;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    for (const id of [...this.#peers.keys()]) this.#drop(id);
  }
}

class Peer {
  #offers;
  #tell;
  #show;
  #lines = [];
  #said = { audio: false, video: false, screen: false };
  #permitted = { audio: true, video: true, screen: true };
  #sent;
  #making = false;
  #ignoring = false;
  #early = [];
  #restart;

  constructor(ice, offers, tell, show) {
    this.#offers = offers;
    this.#tell = tell;
    this.#show = show;
    this.connection = new RTCPeerConnection({ iceServers: ice, bundlePolicy: "max-bundle" });
    const connection = this.connection;
    connection.onicecandidate = ({ candidate }) => tell({ candidate });
    connection.onnegotiationneeded = () => this.#offer();
    connection.ontrack = () => this.#seen();
    connection.onconnectionstatechange = () => this.#watch();
  }

  start(tracks, bits) {
    this.#sent = tracks;
    this.bits = bits;
    if (!this.#offers) return;
    this.#lines = LINES.map((line) => this.connection.addTransceiver(KINDS[line], { direction: "sendrecv" }));
    this.send(tracks);
    this.limit(bits);
  }

  async #offer() {
    // The lines are made by whoever offers first; before that there is nothing to offer.
    if (!this.#lines.length || this.connection.signalingState !== "stable") return;
    try {
      this.#making = true;
      await this.connection.setLocalDescription();
      this.#tell({ description: this.connection.localDescription });
    } finally {
      this.#making = false;
    }
  }

  async hear(data) {
    try {
      if (data.description) await this.#describe(data.description);
      else if ("candidate" in data) await this.#candidate(data.candidate);
      else if (data.state) { this.#said = data.state; this.#seen(); }
    } catch (error) {
      // The other side may have gone meanwhile; a path that does not come about is tried again below.
      if (this.connection.signalingState !== "closed") console.warn("signal not usable:", error.name);
    }
  }

  async #describe(description) {
    const connection = this.connection;
    const collides = description.type === "offer" && (this.#making || connection.signalingState !== "stable");
    this.#ignoring = collides && this.#offers;
    if (this.#ignoring) return;
    await connection.setRemoteDescription(description);
    if (!this.#lines.length) {
      this.#lines = connection.getTransceivers().slice(0, LINES.length);
      for (const line of this.#lines) line.direction = "sendrecv";
      await this.send(this.#sent);
    }
    if (description.type === "offer") {
      await connection.setLocalDescription();
      this.#tell({ description: connection.localDescription });
      this.limit(this.bits);
    }
    for (const candidate of this.#early.splice(0)) await this.#candidate(candidate);
    this.#seen();
  }

  async #candidate(candidate) {
    if (!this.connection.remoteDescription) this.#early.push(candidate);
    else if (!this.#ignoring) await this.connection.addIceCandidate(candidate || undefined);
  }

  async send(tracks) {
    this.#sent = tracks;
    await Promise.all(this.#lines.map((line, index) => line.sender.replaceTrack(tracks[LINES[index]])));
    this.#tell({ state: { audio: !!tracks.audio, video: !!tracks.video, screen: !!tracks.screen } });
  }

  /** Keeps the picture within the line; the screen gets what it needs to be read. */
  limit(bits) {
    this.bits = bits;
    const limits = [32_000, bits, 2_500_000];
    this.#lines.forEach((line, index) => {
      const parameters = line.sender.getParameters();
      if (!parameters.encodings?.length) return;
      parameters.encodings[0].maxBitrate = limits[index];
      line.sender.setParameters(parameters).catch(() => {});
    });
  }

  /** What the practice does not permit is not played, whatever the other side sends. */
  permit(media) {
    this.#permitted = media;
    this.#seen();
  }

  #seen() {
    const peer = { muted: !(this.#said.audio && this.#permitted.audio) };
    LINES.forEach((line, index) => {
      const track = this.#lines[index]?.receiver.track;
      peer[line] = track && this.#said[line] && this.#permitted[line] ? track : null;
    });
    peer.waiting = this.connection.connectionState !== "connected";
    this.#show(peer);
  }

  #watch() {
    clearTimeout(this.#restart);
    const state = this.connection.connectionState;
    // Whoever offered first looks for a new path; the other side answers.
    if (this.#offers && (state === "failed" || state === "disconnected")) {
      this.#restart = setTimeout(() => {
        if (this.connection.connectionState !== "connected") { this.connection.restartIce(); this.#watch(); }
      }, state === "failed" ? 500 : 4000);
    }
    this.#seen();
  }

  close() {
    clearTimeout(this.#restart);
    this.connection.onnegotiationneeded = this.connection.onconnectionstatechange = null;
    this.connection.ontrack = this.connection.onicecandidate = null;
    this.connection.close();
  }
}
