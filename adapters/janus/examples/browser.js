// A call in a Janus video room for browsers, without any library.
//
//   const call = new JanusCall(roomDocument, participantDocument);
//   call.onperson = ({ id, gone, audio, camera, screen }) => …   // MediaStreamTracks; muted while nothing arrives
//   call.onstate = (state) => …                                  // joined, connected, removed, ended, lost
//   await call.join();
//   await call.send({ audio: track, camera: track });            // null stops one, without a new negotiation
//   const numbers = await call.stats();
//   call.leave();

const PLUGIN = "janus.plugin.videoroom";
// m-lines of a publisher, in this order in every call: the server mutes by them.
const LINES = ["audio", "camera", "screen"];
const KEEPALIVE_MS = 25_000;
const ANSWER_MS = 10_000;

export class JanusError extends Error {
  constructor(code) {
    super(`janus ${code}`);
    this.code = code;
  }
}

export class JanusCall {
  onperson = () => {};
  onstate = () => {};
  #room; #me; #socket; #session; #own; #privateId; #pc; #timer;
  #senders = {};
  #waiting = new Map(); // transaction → {resolve, reject}
  #people = new Map(); // participant id → {handle, pc, tracks}
  #over = false;

  constructor(room, me) {
    this.#room = room;
    this.#me = me;
  }

  async join() {
    await this.#connect();
    this.#session = (await this.#request({ janus: "create" })).data.id;
    this.#timer = setInterval(() => this.#tell({ janus: "keepalive" }), KEEPALIVE_MS);
    this.#own = await this.#attach();
    const joined = await this.#ask(this.#own, {
      request: "join", ptype: "publisher", room: this.#room.room, pin: this.#room.pin,
      id: this.#me.id, token: this.#me.token,
    });
    this.#privateId = joined.plugindata.data.private_id;
    this.onstate("joined");
    for (const { id } of joined.plugindata.data.publishers ?? []) this.#watch(id);
    await this.#publish();
  }

  async send(tracks) {
    const changed = LINES.filter((line) => line in tracks);
    await Promise.all(changed.map((line) => this.#senders[line].replaceTrack(tracks[line])));
  }

  async stats() {
    const people = [...this.#people.values()].map(({ pc }) => pc?.getStats());
    return { own: await this.#pc?.getStats(), people: await Promise.all(people) };
  }

  leave() {
    if (this.#over) return;
    if (this.#own && this.#socket?.readyState === WebSocket.OPEN) {
      this.#tell({ janus: "message", handle_id: this.#own, body: { request: "leave" } });
      this.#tell({ janus: "destroy" });
    }
    this.#finish();
  }

  #connect() {
    return new Promise((resolve, reject) => {
      this.#socket = new WebSocket(this.#room.server, "janus-protocol");
      this.#socket.onopen = resolve;
      this.#socket.onerror = () => reject(new JanusError("unreachable"));
      this.#socket.onclose = () => this.#finish("lost");
      this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    });
  }

  #tell(message) {
    const transaction = crypto.randomUUID();
    const session = this.#session ? { session_id: this.#session } : {};
    this.#socket.send(JSON.stringify({ ...session, ...message, transaction, token: this.#me.api_token }));
    return transaction;
  }

  #request(message) {
    return new Promise((resolve, reject) => {
      const transaction = this.#tell(message);
      this.#waiting.set(transaction, { resolve, reject });
      setTimeout(() => this.#waiting.delete(transaction) && reject(new JanusError("timeout")), ANSWER_MS);
    });
  }

  async #attach() {
    return (await this.#request({ janus: "attach", plugin: PLUGIN })).data.id;
  }

  // A request to the plugin: its `ack` is skipped, its event is the answer.
  #ask(handle, body, jsep) {
    return this.#request({ janus: "message", handle_id: handle, body, ...(jsep && { jsep }) });
  }

  #hear(message) {
    const waiting = this.#waiting.get(message.transaction);
    if (waiting && message.janus !== "ack") {
      this.#waiting.delete(message.transaction);
      const code = message.error?.code ?? message.plugindata?.data?.error_code;
      code ? waiting.reject(new JanusError(code)) : waiting.resolve(message);
      return;
    }
    const data = message.plugindata?.data;
    if (message.janus === "timeout") this.#finish("lost");
    if (message.sender !== this.#own) return;
    if (message.janus === "webrtcup") this.onstate("connected");
    if (data?.videoroom === "destroyed") this.#finish("ended");
    if (data?.videoroom !== "event") return;
    if (data.leaving === "ok") this.#finish("removed");
    for (const { id } of data.publishers ?? []) this.#watch(id);
    for (const gone of [data.leaving, data.kicked, data.unpublished]) if (this.#people.has(gone)) this.#forget(gone);
  }

  async #publish() {
    const pc = (this.#pc = new RTCPeerConnection({ iceServers: this.#room.ice }));
    for (const line of LINES) {
      this.#senders[line] = pc.addTransceiver(line === "audio" ? "audio" : "video", { direction: "sendonly" }).sender;
    }
    this.#trickle(pc, this.#own);
    await pc.setLocalDescription();
    const { jsep } = await this.#ask(this.#own, { request: "publish" }, pc.localDescription.toJSON());
    await pc.setRemoteDescription(jsep);
  }

  async #watch(id) {
    if (this.#people.has(id) || this.#over) return;
    const person = { tracks: {} };
    this.#people.set(id, person);
    try {
      person.handle = await this.#attach();
      const { jsep, plugindata } = await this.#ask(person.handle, {
        request: "join", ptype: "subscriber", room: this.#room.room, pin: this.#room.pin,
        streams: [{ feed: id }], private_id: this.#privateId, token: this.#me.watch_token,
      });
      const pc = (person.pc = new RTCPeerConnection({ iceServers: this.#room.ice }));
      const lineOf = new Map(plugindata.data.streams.map(({ mid, feed_mid }) => [mid, LINES[feed_mid]]));
      pc.ontrack = ({ track, transceiver }) => {
        const line = lineOf.get(transceiver.mid);
        this.onperson({ id, ...Object.assign(person.tracks, { [line]: track }) });
      };
      this.#trickle(pc, person.handle);
      await pc.setRemoteDescription(jsep);
      await pc.setLocalDescription();
      await this.#ask(person.handle, { request: "start" }, pc.localDescription.toJSON());
    } catch {
      if (this.#people.get(id) === person) this.#forget(id); // gone meanwhile
    }
  }

  #forget(id) {
    const { handle, pc } = this.#people.get(id);
    this.#people.delete(id);
    pc?.close();
    if (handle && this.#socket.readyState === WebSocket.OPEN) this.#tell({ janus: "detach", handle_id: handle });
    this.onperson({ id, gone: true });
  }

  #trickle(pc, handle) {
    pc.onicecandidate = ({ candidate }) => {
      if (this.#over) return;
      this.#tell({ janus: "trickle", handle_id: handle, candidate: candidate?.toJSON() ?? { completed: true } });
    };
  }

  #finish(state) {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(new JanusError("over"));
    this.#pc?.close();
    for (const { pc } of this.#people.values()) pc?.close();
    this.#socket?.close();
    if (state) this.onstate(state);
  }
}
