// The room: pictures, the bar of controls, and the panel beside them.

import { announce, ask, button, confirm, dismiss, fill, h, icon, time, toast } from "./dom.js";
import { pickers } from "./check.js";
import { waiting } from "./people.js";
import { words as recordingWords } from "./recording.js";
import { words as qualities } from "./quality.js";
import { Stage } from "./stage.js";

const ENDING = "Ending is for everybody and final. The times go into a draft of the note.";

export class Room {
  #panel = null;
  #clock;
  reconnecting = false;

  /** `parts` are devices, people, chat, recording; `go` holds what leaves the room: leave, apply. */
  constructor(parts, go) {
    Object.assign(this, parts, { go });
    this.stage = new Stage(parts.devices);
    this.status = h("div", { class: "room-status" });
    this.banner = h("div", { class: "banners" });
    this.side = h("aside", { class: "side", hidden: true });
    this.bar = h("div", { class: "controls", role: "group", "aria-label": "Controls" });
    this.element = h("section", { class: "room", "aria-label": "Visit", hidden: true },
      this.status, h("div", { class: "floor" }, h("div", { class: "view" }, this.banner, this.stage.element), this.side), this.bar);
    this.#controls();
    this.side.addEventListener("keydown", (event) => { if (event.key === "Escape") this.toggle(null); });
    this.devices.addEventListener("change", () => { if (!this.element.hidden) this.show(this.snapshot); });
  }

  #controls() {
    const control = (key, press, props = {}) => {
      const face = h("span", { class: "round" });
      const label = h("span", { class: "under" });
      const element = h("button", { type: "button", class: `control ${props.class || ""}`, data: { key }, on: { click: press }, "aria-keyshortcuts": props.keys }, face, label);
      this.bar.append(element);
      return { element, set: (name, shape, { pressed, badge, spoken } = {}) => fillControl(element, face, label, name, shape, pressed, badge, spoken) };
    };
    this.controls = {
      mic: control("mic", () => this.devices.setMic(!this.devices.tracks.audio)),
      camera: control("camera", () => this.devices.setCamera(!this.devices.tracks.video)),
      screen: control("screen", () => this.devices.setScreen(!this.devices.sharing), { class: "wide-only" }),
      hand: control("hand", () => this.#hand(), { class: "wide-only" }),
      chat: control("chat", () => this.toggle("chat")),
      people: control("people", () => this.toggle("people")),
      more: control("more", () => this.#more()),
      leave: control("leave", () => this.#leave(), { class: "danger" }),
    };
  }

  get mine() {
    return this.snapshot.people.find((person) => person.id === this.snapshot.me);
  }

  open() {
    if (!this.element.hidden) return;
    this.element.hidden = false;
    document.body.classList.add("in-room");
    this.#clock = setInterval(() => this.#status(), 1000);
    // There is room for the list of people where it is wide, and a host needs it first.
    if (this.snapshot.host && matchMedia("(min-width: 64rem)").matches && waiting(this.snapshot).length) this.toggle("people", false);
    this.controls.mic.element.focus({ preventScroll: true });
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    document.body.classList.remove("in-room");
    clearInterval(this.#clock);
    dismiss("advice");
    this.toggle(null, false);
  }

  show(snapshot) {
    this.snapshot = snapshot;
    const { tracks, permitted, sharing, problems } = this.devices;
    const off = snapshot.modality !== "video";
    this.controls.mic.set(tracks.audio ? "Mute" : "Unmute", tracks.audio ? "mic" : "mic-off", { pressed: !tracks.audio, spoken: tracks.audio ? "Turn microphone off" : problems.audio || "Turn microphone on" });
    this.controls.mic.element.disabled = !permitted.audio;
    this.controls.camera.set(tracks.video ? "Stop video" : "Start video", tracks.video ? "camera" : "camera-off", { pressed: !tracks.video, spoken: tracks.video ? "Turn camera off" : "Turn camera on" });
    this.controls.camera.element.disabled = off || !permitted.video;
    this.controls.screen.set(sharing ? "Stop sharing" : "Share screen", "screen", { pressed: sharing });
    this.controls.screen.element.hidden = !this.devices.canShare || off || !permitted.screen;
    this.controls.hand.set(this.mine?.hand ? "Lower hand" : "Raise hand", "hand", { pressed: Boolean(this.mine?.hand) });
    const unread = this.chat.unread.chat + this.chat.unread.notes;
    this.controls.chat.set("Chat", "chat", { pressed: this.#panel === "chat" || this.#panel === "notes", badge: unread, spoken: unread ? `Chat, ${unread} unread` : "Chat" });
    this.controls.chat.element.hidden = !snapshot.chat;
    const waits = snapshot.host ? waiting(snapshot).length : 0;
    this.controls.people.set("People", "people", { pressed: this.#panel === "people", badge: waits, spoken: waits ? `People, ${waits} waiting` : "People" });
    this.controls.more.set("More", "more");
    this.controls.leave.set(snapshot.host ? "End" : "Leave", "leave", { spoken: snapshot.host ? "End or leave the visit" : "Leave the visit" });
    this.stage.show(snapshot);
    this.#status();
    this.#banners();
    if (this.#panel === "people") this.people.fill(this.list, snapshot);
  }

  #status() {
    const { snapshot } = this;
    const seconds = snapshot.started_at ? Math.max(0, Math.floor((this.go.now() - Date.parse(snapshot.started_at)) / 1000)) : null;
    const { state } = snapshot.recording;
    const clock = seconds === null ? "not started" : [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      .slice(seconds < 3600 ? 1 : 0).map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
    const quality = this.mine?.quality;
    fill(this.status, { clock, state, quality, modality: snapshot.modality }, () => [
      h("strong", {}, snapshot.modality === "audio_only" ? "Visit, sound alone" : "Video visit"),
      h("span", { class: "clock", "aria-label": "Time since the visit began" }, clock),
      recordingWords[state] ? h("span", { class: `recording ${state}` }, h("span", { class: "dot", "aria-hidden": "true" }), recordingWords[state]) : null,
      quality ? h("span", { class: `signal ${quality}`, title: qualities[quality] }, h("i", {}), h("i", {}), h("i", {}), h("span", { class: "signal-words" }, qualities[quality])) : null,
    ]);
  }

  #banners() {
    const { limit, warned, host, health, people, recording } = this.snapshot;
    const lost = this.reconnecting;
    const names = recording.state === "asking" && host ? recording.waiting_for.map((id) => people.find((p) => p.id === id)?.name).filter(Boolean) : [];
    fill(this.banner, { limit, warned, host, health, lost, names }, () => [
      lost ? h("div", { class: "notice warn", role: "alert" }, h("p", {}, h("span", { class: "pulse", "aria-hidden": "true" }), " The connection was lost. Reconnecting…")) : null,
      warned && limit ? h("div", { class: "notice warn" }, h("p", {}, `This visit ends by itself at ${time(limit)}.`),
        host ? h("div", { class: "actions" }, [10, 15, 30].map((minutes) => button(`${minutes} minutes more`, () => this.people.act("extend", { minutes }), { data: { key: `extend-${minutes}` } }))) : null) : null,
      names.length ? h("div", { class: "notice" }, h("p", {}, `Recording starts when all have agreed. Not answered yet: ${names.join(", ")}.`)) : null,
    ]);
  }

  shows(name) {
    return this.#panel === name;
  }

  setReconnecting(lost) {
    if (this.reconnecting === lost) return;
    this.reconnecting = this.stage.reconnecting = lost;
    if (this.snapshot) {
      this.stage.show(this.snapshot);
      this.#banners();
    }
    if (!lost) announce("You are connected.");
  }

  /** Opens a panel, or closes it if it was open. */
  toggle(name, focus = true) {
    const before = this.#panel;
    this.#panel = name === before || name === null ? null : name;
    this.side.hidden = !this.#panel;
    this.chat.look(this.#panel);
    if (this.#panel !== "people") dismiss("chat");
    if (this.#panel) this.#fillPanel();
    this.element.classList.toggle("with-side", Boolean(this.#panel));
    if (this.snapshot && !this.element.hidden) this.show(this.snapshot);
    if (!focus) return;
    if (this.#panel) this.side.querySelector("textarea, button")?.focus();
    else if (before) this.controls[before === "people" ? "people" : "chat"].element.focus();
  }

  #fillPanel() {
    const tab = (name, words) => h("button", { type: "button", "aria-pressed": String(this.#panel === name), data: { key: `tab-${name}` }, on: { click: () => { if (this.#panel !== name) this.toggle(name); } } },
      words, this.chat.unread[name] ? h("span", { class: "badge" }, String(this.chat.unread[name])) : null);
    const titles = { people: "People", chat: "Chat", notes: "Shared notes" };
    this.list = h("div", { class: "scroller" });
    const body = this.#panel === "people" ? this.list : this.chat.panel(this.#panel, this.#panel === "chat" || this.snapshot.host);
    const close = h("button", { type: "button", class: "quiet close", "aria-label": "Close", on: { click: () => this.toggle(null) } }, icon("close"));
    this.side.setAttribute("aria-label", titles[this.#panel]);
    this.side.replaceChildren(h("div", { class: "side-top" },
      h("div", { class: "side-tabs" }, tab("people", "People"), this.snapshot.chat ? [tab("chat", "Chat"), tab("notes", "Notes")] : null), close), body);
  }

  /** After a message: counts and badges. */
  messaged(message, mine, old) {
    if (!mine && !old && this.#panel !== "chat" && this.#panel !== "notes") {
      toast(message.note ? `${message.name} shared a note.` : `${message.name}: ${message.text.slice(0, 120)}`, { key: "chat", silent: true, actions: [["Open", () => { if (this.#panel !== (message.note ? "notes" : "chat")) this.toggle(message.note ? "notes" : "chat"); }]] });
    }
    if (!this.element.hidden) this.show(this.snapshot);
  }

  async #hand() {
    await this.people.act("hand", { up: !this.mine?.hand });
  }

  async #more() {
    const { host, modality, recording, phone } = this.snapshot;
    const choice = await ask("More", (close) => {
      const item = (key, name, props = {}) => button(name, () => close(key), { class: `item ${props.class || ""}` });
      return [h("div", { class: "menu" },
        this.devices.canShare && modality === "video" ? item("screen", this.devices.sharing ? "Stop sharing the screen" : "Share the screen", { class: "narrow-only" }) : null,
        item("hand", this.mine?.hand ? "Lower hand" : "Raise hand", { class: "narrow-only" }),
        item("devices", "Microphone, camera, loudspeaker"),
        host && recording.possible && recording.state === "off" ? item("record", "Record…") : null,
        host && ["asking", "starting", "recording"].includes(recording.state) ? item("record_stop", "Stop recording") : null,
        !host && ["starting", "recording"].includes(recording.state) ? item("record_no", "I do not agree to the recording any more") : null,
        host ? item("invite", "Invite somebody") : null,
        host && this.snapshot.limit ? item("extend", "15 minutes more") : null,
        host && modality !== "video" ? item("video", "Go on with video") : null,
        host && modality === "video" ? item("audio_only", "Go on with sound alone") : null,
        host && modality !== "telephone" ? item("telephone", "Go on by telephone") : null),
      phone ? h("p", { class: "hint" }, `Telephone of the practice: ${phone}`) : null,
      h("div", { class: "actions" }, button("Close", () => close()))];
    });
    const deeds = {
      screen: () => this.devices.setScreen(!this.devices.sharing),
      hand: () => this.#hand(),
      devices: () => this.#devices(),
      record: () => this.recording.start(),
      record_stop: () => this.recording.stop(),
      record_no: () => this.recording.withdraw(),
      invite: () => this.people.invite(),
      extend: () => this.people.act("extend", { minutes: 15 }),
      video: () => this.people.act("modality", { to: "video" }),
      audio_only: () => this.people.act("modality", { to: "audio_only" }),
      telephone: async () => {
        if (await confirm("Go on by telephone?", "Everybody is told, and the video ends. You can come back to video later.", "Go on by telephone")) this.people.act("modality", { to: "telephone" });
      },
    };
    deeds[choice]?.();
  }

  async #devices() {
    const box = h("div", { class: "stack" });
    const show = () => pickers(this.devices, box).then(() => { if (!box.childElementCount) box.replaceChildren(h("p", { class: "hint" }, "There is nothing to choose between.")); });
    this.devices.addEventListener("change", show);
    show();
    await ask("Microphone, camera, loudspeaker", (close) => [box, h("div", { class: "actions" }, button("Done", () => close(), { class: "primary" }))]);
    this.devices.removeEventListener("change", show);
    this.stage.setSink(this.devices.chosen.output);
  }

  async #leave() {
    if (!this.snapshot.host) {
      if (await confirm("Leave the visit?", "You can come back while the visit is on.", "Leave", { danger: true })) this.go.leave();
      return;
    }
    const choice = await ask("End the visit?", (close) => [
      h("p", {}, ENDING),
      h("div", { class: "actions" }, button("End for everybody", () => close("end"), { class: "danger" }), button("Only leave for now", () => close("leave")), button("Cancel", () => close())),
    ]);
    if (choice === "leave") this.go.leave();
    if (choice === "end") await this.people.act("end");
  }

  /** Ends a visit that goes on outside the room. */
  async end() {
    if (await confirm("End the visit?", ENDING, "End for everybody", { danger: true })) await this.people.act("end");
  }

  /** Passes on what the server advises for a slow connection. */
  advise(key, advice) {
    if (!advice) { dismiss("advice"); return; }
    const [words, name] = advice;
    const act = key === "telephone" ? [] : [[name, () => this.devices.setCamera(false)]];
    toast(words + (key === "telephone" && this.snapshot.phone ? ` The practice: ${this.snapshot.phone}.` : ""), { key: "advice", kind: "warn", actions: this.devices.tracks.video ? act : [] });
  }
}

function fillControl(element, face, label, name, shape, pressed, badge, spoken) {
  fill(face, { shape, badge }, () => [icon(shape), badge ? h("span", { class: "badge", "aria-hidden": "true" }, String(badge)) : null]);
  label.textContent = name;
  element.setAttribute("aria-label", spoken || name);
  element.classList.toggle("on", Boolean(pressed));
}
