// The pictures: one tile for each person and each shared screen, as large as the window allows.

import { fill, h, icon, toast } from "./dom.js";
import { loudness } from "./devices.js";
import { words as qualities } from "./quality.js";

/** How loud counts as speaking. */
const SPEAKS = 0.04;
/** Pixels between tiles, as in the stylesheet. */
const GAP = 8;

export class Stage {
  #tiles = new Map();
  #peers = new Map();
  #sink = null;
  reconnecting = false;

  constructor(devices) {
    this.devices = devices;
    this.grid = h("div", { class: "tiles" });
    this.empty = h("p", { class: "nobody" });
    this.element = h("div", { class: "stage", role: "region", "aria-label": "People in the room" }, this.grid, this.empty);
    new ResizeObserver(() => this.#arrange()).observe(this.element);
    this.ticking = setInterval(() => this.#listen(), 250);
  }

  /** Notes what a service says of somebody; null when gone. */
  peer(grant, seen) {
    if (seen) this.#peers.set(grant, seen);
    else this.#peers.delete(grant);
    this.show(this.snapshot);
  }

  clear() {
    this.#peers.clear();
    for (const tile of this.#tiles.values()) tile.close();
    this.#tiles.clear();
    this.grid.replaceChildren();
  }

  setSink(id) {
    this.#sink = id;
    for (const tile of this.#tiles.values()) tile.sink(id);
  }

  show(snapshot) {
    if (!snapshot) return;
    this.snapshot = snapshot;
    const wanted = new Map();
    for (const [grant, peer] of this.#peers) {
      const person = whose(grant, snapshot.people);
      const name = person?.name || "Somebody";
      if (peer.screen) wanted.set(`${grant}/screen`, { name: `${name}’s screen`, video: peer.screen, screen: true });
      wanted.set(grant, { name, audio: peer.audio, video: peer.video, muted: peer.muted, waiting: peer.waiting, level: peer.level,
        hand: person?.hand, quality: person?.quality });
    }
    const me = snapshot.people.find((person) => person.id === snapshot.me);
    const tracks = this.devices.tracks;
    if (tracks.screen) wanted.set("me/screen", { name: "Your screen", video: tracks.screen, screen: true, own: true });
    wanted.set("me", { name: "You", video: tracks.video, muted: !tracks.audio, me: true, hand: me?.hand, mic: tracks.audio });
    for (const [key, tile] of this.#tiles) {
      if (wanted.has(key)) continue;
      tile.close();
      this.#tiles.delete(key);
    }
    for (const [key, shown] of wanted) {
      if (!this.#tiles.has(key)) this.#tiles.set(key, new Tile(key, this.#sink));
      this.#tiles.get(key).show(shown);
    }
    const order = [...this.#tiles].sort(([, a], [, b]) => b.rank - a.rank).map(([, tile]) => tile.element);
    order.forEach((element, index) => { if (this.grid.children[index] !== element) this.grid.insertBefore(element, this.grid.children[index] || null); });
    const others = this.#peers.size;
    this.empty.hidden = others > 0 || this.reconnecting;
    this.empty.textContent = snapshot.host ? "Nobody else is in the room yet." : "Your clinician will be with you in a moment.";
    this.#arrange();
  }

  /** Chooses how many columns make the tiles largest, neither narrower than 4:3 nor wider than 16:9. */
  #arrange() {
    const tiles = [...this.#tiles.values()];
    const screen = tiles.find((tile) => tile.shown.screen);
    const duo = !screen && tiles.length === 2;
    this.grid.classList.toggle("with-screen", Boolean(screen));
    this.grid.classList.toggle("duo", duo);
    for (const tile of tiles) tile.element.classList.toggle("large", tile === screen);
    const { clientWidth: width, clientHeight: height } = this.grid;
    let best = { width: 0, height: 0 };
    for (let columns = 1; columns <= tiles.length; columns += 1) {
      const rows = Math.ceil(tiles.length / columns);
      const room = { width: (width - GAP * (columns - 1)) / columns, height: (height - GAP * (rows - 1)) / rows };
      const size = { height: Math.min(room.height, (room.width * 3) / 4) };
      size.width = Math.min(room.width, (size.height * 16) / 9);
      if (size.width * size.height > best.width * best.height) best = size;
    }
    this.grid.style.setProperty("--width", `${Math.floor(best.width)}px`);
    this.grid.style.setProperty("--height", `${Math.floor(best.height)}px`);
  }

  #listen() {
    for (const tile of this.#tiles.values()) tile.listen();
  }
}

/** Finds whose grant it is; after a rejoin the number behind the name may be newer than the list. */
export function whose(grant, people) {
  const stem = (text) => text?.slice(0, text.lastIndexOf("_"));
  return people.find((p) => p.grant === grant) || people.find((p) => stem(p.grant) === stem(grant));
}

class Tile {
  shown = {};
  #meter;
  #audio;

  constructor(key, sink) {
    this.video = h("video", { playsinline: true, autoplay: true });
    this.video.muted = true;
    this.face = h("div", { class: "face", "aria-hidden": "true" });
    this.label = h("figcaption", {});
    this.element = h("figure", { class: "tile", data: { tile: key } }, this.face, this.video, this.label);
    this.#audio = key === "me" ? null : new Audio();
    this.sink(sink);
  }

  get rank() {
    return this.shown.screen ? 3 : this.shown.me ? 1 : 2;
  }

  show(shown) {
    this.shown = shown;
    attach(this.video, shown.video);
    this.video.hidden = !shown.video;
    this.video.setAttribute("aria-label", shown.me ? "Your camera" : shown.name);
    this.element.classList.toggle("mirror", Boolean(shown.me));
    this.element.classList.toggle("blank", !shown.video);
    this.element.classList.toggle("screen", Boolean(shown.screen));
    this.element.classList.toggle("own", Boolean(shown.me));
    if (this.#audio) attach(this.#audio, shown.audio);
    const heard = shown.me ? shown.mic : shown.audio;
    if (this.#meter?.track !== heard) {
      this.#meter?.stop();
      this.#meter = heard ? Object.assign(loudness(heard), { track: heard }) : null;
    }
    this.face.textContent = initials(shown.name);
    const { name, muted, screen, waiting, hand, quality } = shown;
    fill(this.label, { name, muted, screen, waiting, hand, quality }, () => [
      muted && !screen ? h("span", { class: "badge" }, icon("mic-off"), h("span", { class: "unseen" }, "microphone off")) : null,
      h("span", { class: "name" }, name),
      waiting ? h("span", { class: "badge" }, "connecting…") : null,
      hand ? h("span", { class: "badge raised" }, icon("hand"), h("span", { class: "words" }, "hand raised")) : null,
      quality && quality !== "good" ? h("span", { class: `badge quality ${quality}` }, qualities[quality]) : null,
    ]);
  }

  listen() {
    const level = this.shown.level ? this.shown.level() : this.#meter && !this.shown.muted ? this.#meter() : 0;
    this.element.classList.toggle("speaks", level > SPEAKS);
  }

  sink(id) {
    if (id && this.#audio?.setSinkId) this.#audio.setSinkId(id).catch(() => {});
  }

  close() {
    this.#meter?.stop();
    this.video.srcObject = null;
    if (this.#audio) this.#audio.srcObject = null;
    this.element.remove();
  }
}

function attach(player, track) {
  if (player.srcObject?.getTracks()[0] === track && (track || !player.srcObject)) return;
  player.srcObject = track ? new MediaStream([track]) : null;
  if (!track) return;
  player.play().catch((error) => {
    if (error.name !== "NotAllowedError") return;
    toast("This browser waits for your leave to play sound.", { key: "play", stay: true, actions: [["Play", () => { for (const other of document.querySelectorAll("video")) other.play(); player.play(); }]] });
  });
}

function initials(name) {
  const parts = name.replace(/[^\p{L}\p{N} -]/gu, "").split(/\s+/).filter(Boolean);
  return parts.slice(0, 2).map((part) => [...part][0].toUpperCase()).join("");
}
