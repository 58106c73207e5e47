// A video room of the practice's own Janus: one connection to send, one more for everybody who is watched.
//
// Every sender has three fixed lines in this order: voice, picture, screen. The server mutes by these positions, and what
// is sent changes by replacing a track, so nothing is negotiated twice.

import { Totals } from "../quality.js";

const PLUGIN = "janus.plugin.videoroom";
const LINES = ["audio", "video", "screen"];
const KEEPALIVE = 25_000;
const PATIENCE = 10_000;
/** How often it is looked what still arrives, and after what silence a line counts as off. A still screen sends little. */
const LOOK = 500;
const SILENCE = { audio: 2_500, video: 2_500, screen: 5_000 };
/** Codes of the plugin that mean: this credential lets nobody in (any more). */
const REFUSED = [426, 433, 436];

export default class JanusMedia {
  onPeer = () => {};
  onState = () => {};
  onPermitted = () => {};
  #room;
  #me;
  #socket;
  #session;
  #own;
  #privateId;
  #connection;
  #senders = [];
  #waiting = new Map();
  #people = new Map();
  #totals = new Totals();
  #timers = [];
  #inside = false;
  #over = false;

  grantOf(credential) {
    return JSON.parse(credential.participant).id;
  }

  async join(credential, tracks) {
    this.#room = JSON.parse(credential.room);
    this.#me = JSON.parse(credential.participant);
    try {
      await this.#connect();
      this.#session = (await this.#request({ janus: "create" })).data.id;
      this.#timers.push(setInterval(() => this.#tell({ janus: "keepalive" }), KEEPALIVE));
      this.#own = await this.#attach();
      const { room, pin } = this.#room;
      const { id, token } = this.#me;
      const joined = await this.#ask(this.#own, { request: "join", ptype: "publisher", room, pin, id, token });
      this.#privateId = joined.plugindata.data.private_id;
      this.#permit(this.#me.media || { audio: true, video: true, screen: true });
      await this.#publish(tracks);
      for (const person of joined.plugindata.data.publishers || []) this.#watch(person.id);
    } catch (error) {
      this.#end();
      throw new Error(REFUSED.includes(error.code) ? "refused" : "failed");
    }
    this.#inside = true;
    this.#timers.push(setInterval(() => this.#listen(), LOOK));
    this.onState("connected");
  }

  setTracks(tracks) {
    return Promise.all(this.#senders.map((sender, index) => sender.replaceTrack(tracks[LINES[index]])));
  }

  stats() {
    return this.#totals.take([this.#connection, ...[...this.#people.values()].map((person) => person.connection)].filter(Boolean));
  }

  leave() {
    if (this.#own && this.#socket.readyState === WebSocket.OPEN) {
      this.#tell({ janus: "message", handle_id: this.#own, body: { request: "leave" } });
      this.#tell({ janus: "destroy" });
    }
    this.#end();
  }

  #connect() {
    return new Promise((resolve, reject) => {
      this.#socket = new WebSocket(this.#room.server, "janus-protocol");
      const late = setTimeout(reject, PATIENCE, new Error("timeout"));
      this.#socket.onopen = () => { clearTimeout(late); resolve(); };
      this.#socket.onerror = () => { clearTimeout(late); reject(new Error("unreachable")); };
      this.#socket.onclose = () => this.#finish("dropped");
      this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    });
  }

  #tell(message) {
    const transaction = crypto.randomUUID();
    const session = this.#session ? { session_id: this.#session } : {};
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ ...session, ...message, transaction, token: this.#me.api_token }));
    }
    return transaction;
  }

  #request(message) {
    return new Promise((resolve, reject) => {
      const transaction = this.#tell(message);
      const late = setTimeout(() => { this.#waiting.delete(transaction); reject(new Error("timeout")); }, PATIENCE);
      this.#waiting.set(transaction, { resolve, reject, late });
    });
  }

  async #attach() {
    return (await this.#request({ janus: "attach", plugin: PLUGIN })).data.id;
  }

  #ask(handle, body, jsep) {
    return this.#request({ janus: "message", handle_id: handle, body, ...(jsep && { jsep }) });
  }

  #hear(message) {
    const waiting = this.#waiting.get(message.transaction);
    const data = message.plugindata?.data;
    if (waiting && message.janus !== "ack") {
      this.#waiting.delete(message.transaction);
      clearTimeout(waiting.late);
      const code = message.error?.code ?? data?.error_code;
      if (code === undefined) waiting.resolve(message);
      else waiting.reject(Object.assign(new Error("janus"), { code }));
      return;
    }
    if (message.janus === "timeout") return this.#finish("dropped");
    if (message.sender !== this.#own) return this.#heardOf(message);
    if (message.janus === "hangup") return this.#finish("dropped");
    if (data?.videoroom === "destroyed") return this.#finish("ended");
    if (data?.videoroom !== "event") return;
    if (data.leaving === "ok") return this.#finish("removed");
    for (const { id } of data.publishers || []) this.#watch(id);
    for (const gone of [data.leaving, data.kicked, data.unpublished]) this.#forget(gone);
    if (data.moderation) this.#moderated(data);
  }

  /** A connection to somebody broke: look at them anew. */
  #heardOf(message) {
    const found = [...this.#people].find(([, person]) => person.handle === message.sender);
    if (message.janus !== "hangup" || !found) return;
    this.#forget(found[0]);
    this.#watch(found[0]);
  }

  #moderated({ id, mid, moderation }) {
    const line = LINES[Number(mid)];
    if (id === this.#me.id) this.#permit({ ...this.permitted, [line]: moderation === "unmuted" });
  }

  #permit(media) {
    this.permitted = media;
    this.onPermitted(media);
  }

  async #publish(tracks) {
    this.#connection = new RTCPeerConnection({ iceServers: this.#room.ice, bundlePolicy: "max-bundle" });
    const connection = this.#connection;
    this.#senders = LINES.map((line) => connection.addTransceiver(line === "audio" ? "audio" : "video", { direction: "sendonly" }).sender);
    await this.setTracks(tracks);
    this.#trickle(connection, this.#own);
    await connection.setLocalDescription();
    const { jsep } = await this.#ask(this.#own, { request: "publish" }, connection.localDescription.toJSON());
    await connection.setRemoteDescription(jsep);
    connection.onconnectionstatechange = () => { if (connection.connectionState === "failed") this.#finish("dropped"); };
  }

  async #watch(id) {
    if (this.#people.has(id) || this.#over) return;
    const person = { tracks: {}, live: {} };
    this.#people.set(id, person);
    this.#show(id);
    try {
      person.handle = await this.#attach();
      const { room, pin } = this.#room;
      const { jsep, plugindata } = await this.#ask(person.handle, {
        request: "join", ptype: "subscriber", room, pin, streams: [{ feed: id }], private_id: this.#privateId, token: this.#me.watch_token,
      });
      const connection = new RTCPeerConnection({ iceServers: this.#room.ice, bundlePolicy: "max-bundle" });
      person.connection = connection;
      const lines = new Map(plugindata.data.streams.map(({ mid, feed_mid: of }) => [mid, LINES[Number(of)]]));
      connection.ontrack = ({ track, transceiver }) => {
        person.tracks[lines.get(transceiver.mid)] = { track, receiver: transceiver.receiver };
      };
      connection.onconnectionstatechange = () => this.#show(id);
      this.#trickle(connection, person.handle);
      await connection.setRemoteDescription(jsep);
      await connection.setLocalDescription();
      await this.#ask(person.handle, { request: "start" }, connection.localDescription.toJSON());
    } catch {
      // They went meanwhile.
      if (this.#people.get(id) === person) this.#forget(id);
    }
  }

  #show(id) {
    const person = this.#people.get(id);
    if (!person) return;
    const live = (line) => (person.live[line] ? person.tracks[line].track : null);
    this.onPeer(id, {
      audio: person.tracks.audio?.track || null, video: live("video"), screen: live("screen"), muted: !person.live.audio,
      waiting: person.connection?.connectionState !== "connected",
    });
  }

  /** Whoever turns something off sends nothing of it any more, so what arrived last tells. */
  #listen() {
    const now = performance.timeOrigin + performance.now();
    for (const [id, person] of this.#people) {
      let changed = false;
      for (const line of LINES) {
        const [last] = person.tracks[line]?.receiver.getSynchronizationSources() || [];
        const live = Boolean(last) && now - last.timestamp < SILENCE[line];
        changed ||= live !== person.live[line];
        person.live[line] = live;
      }
      if (changed) this.#show(id);
    }
  }

  #forget(id) {
    const person = this.#people.get(id);
    if (!person) return;
    this.#people.delete(id);
    person.connection?.close();
    if (person.handle) this.#tell({ janus: "detach", handle_id: person.handle });
    this.onPeer(id, null);
  }

  #trickle(connection, handle) {
    connection.onicecandidate = ({ candidate }) => {
      if (!this.#over) this.#tell({ janus: "trickle", handle_id: handle, candidate: candidate?.toJSON() ?? { completed: true } });
    };
  }

  #finish(word) {
    if (this.#over) return;
    const inside = this.#inside;
    this.#end();
    if (inside) this.onState(word);
  }

  #end() {
    this.#over = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const { reject, late } of this.#waiting.values()) { clearTimeout(late); reject(new Error("over")); }
    this.#waiting.clear();
    for (const id of [...this.#people.keys()]) this.#forget(id);
    this.#connection?.close();
    this.#socket?.close();
  }
}
