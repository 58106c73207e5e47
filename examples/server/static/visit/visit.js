// The visit page: what the server says of the visit, and what follows for this page.

import * as api from "./api.js";
import { announce, dismiss, focusHeading, h, toast } from "./dom.js";
import { checkCard } from "./check.js";
import { Chat } from "./chat.js";
import { Devices } from "./devices.js";
import { formsCard, nextCard, refused } from "./lobby.js";
import { service } from "./media.js";
import { People, waiting } from "./people.js";
import { advice } from "./quality.js";
import { Recording } from "./recording.js";
import { Room } from "./room.js";

const SAMPLE = 30_000;
/** After how long without the server people are told. */
const SILENCE = 8_000;
const PAUSES = [500, 1000, 2000, 4000, 5000];
const WANTED = `visit-wanted ${document.body.dataset.api}`;
const ENTERS = ["join", "rejoin", "in_room", "prepare"];
const LASTS = ["join", "rejoin", "in_room"];

const devices = new Devices();
const chat = new Chat(() => snapshot, (...said) => room.messaged(...said));
const people = new People(apply);
const recording = new Recording(apply);
const room = new Room({ devices, people, chat, recording }, { leave, apply, now: () => Date.now() + skew });

const next = h("section", { class: "card next", "aria-labelledby": "next-title" });
const forms = h("section", { class: "card forms", hidden: true, "aria-labelledby": "forms-title" }, h("h2", { id: "forms-title" }));
const guests = h("section", { class: "card guests", hidden: true, "aria-labelledby": "guests-title" }, h("h2", { id: "guests-title" }, "People"), h("div", {}));
const side = h("div", { class: "lobby-side" });
const lobby = h("div", { class: "lobby" }, h("div", {}, next, forms, guests), side);

let snapshot = null;
/** The server's clock less ours. */
let skew = 0;
/** The connection: `{ media, grant }` once inside. */
let here = null;
let joining = false;
/** The service ended the connection, and the server is asked why. */
let asking = false;
/** The person wants to be in the room from this page. */
let wanted = remembered();
let elsewhere = false;
let failed = null;
let lastPrompt = null;
let preview = null;
/** The name under which this page was in the room last. */
let last = null;

function apply(fresh) {
  if (snapshot && fresh.version < snapshot.version) return;
  snapshot = fresh;
  skew = Date.parse(fresh.now) - Date.now();
  follow();
  draw();
  people.notice(fresh, !here || room.shows("people"));
  recording.show(fresh, Boolean(here));
}

/** Does what the state asks for. */
function follow() {
  const { kind } = snapshot.prompt;
  if (here && !LASTS.includes(kind)) {
    // Put out, sent back, or over: the server has taken the credential back.
    hangUp();
    if (kind === "barred" || kind === "over") want(false);
  }
  if (kind === "over" || kind === "barred") devices.close();
  devices.permit(permitted());
  if (!here && !joining && !asking && wanted && !elsewhere && ENTERS.includes(kind)) join();
}

let granted = { audio: true, video: true, screen: true };
/** By telephone the page stays in the room, silent, so that nobody counts as gone. */
const permitted = () => ({ audio: granted.audio && snapshot.modality !== "telephone", video: granted.video && snapshot.modality === "video", screen: granted.screen && snapshot.modality === "video" });

function draw() {
  const inside = (Boolean(here) || (joining && !room.element.hidden)) && snapshot.modality !== "telephone";
  const left = !inside && !room.element.hidden;
  lobby.hidden = inside;
  if (inside) {
    room.show(snapshot);
    room.open();
  } else {
    room.close();
    nextCard(next, { snapshot, joining, wanted, elsewhere, failed }, { arrive, withdraw, join: enter, end: () => room.end(), video: () => perform("modality", { to: "video" }),
      record: (yes) => perform("record_answer", { yes }) });
    if (formsCard(forms, snapshot, apply)) focusHeading(next);
    guests.hidden = !snapshot.host || snapshot.people.length < 2 || ["opens_at", "over", "barred"].includes(snapshot.prompt.kind);
    if (!guests.hidden) people.fill(guests.lastElementChild, snapshot);
    showPreview(!["over", "barred"].includes(snapshot.prompt.kind) && snapshot.modality !== "telephone");
  }
  title();
  if (left) focusHeading(next);
  const { kind, words } = snapshot.prompt;
  if (kind !== lastPrompt && !inside) {
    if (lastPrompt) announce(words, kind === "over" || kind === "barred");
    lastPrompt = kind;
  }
  if (inside) lastPrompt = "inside";
}

function showPreview(shown) {
  if (shown && !preview) {
    preview = checkCard(devices);
    side.append(preview.card);
    devices.open();
  } else if (!shown && preview) {
    preview.close();
    preview.card.remove();
    preview = null;
    if (!here) devices.close();
  }
  lobby.classList.toggle("single", !shown);
}

function title() {
  const waits = snapshot.host ? waiting(snapshot).length : 0;
  document.title = `${waits ? `(${waits}) ` : ""}${here ? "In the visit" : "Visit"} · MentalSpace`;
}

async function perform(name, details) {
  try {
    apply(await api.act(name, details));
    return true;
  } catch (refusal) {
    refused(refusal);
    return false;
  }
}

async function arrive() {
  failed = null;
  // Whoever enters wants to be let in from this page as soon as they may.
  want(true);
  await perform(snapshot.host ? "open" : "arrive");
}

async function withdraw() {
  want(false);
  await perform("withdraw");
}

function enter() {
  elsewhere = false;
  failed = null;
  want(true);
  join();
}

function want(yes) {
  wanted = yes;
  try {
    if (yes) sessionStorage.setItem(WANTED, "1"); else sessionStorage.removeItem(WANTED);
  } catch { /* then a reload asks again */ }
}

function remembered() {
  try { return sessionStorage.getItem(WANTED) === "1"; } catch { return false; }
}

/** Fetches a credential and enters, again and again while it makes sense. */
async function join() {
  if (joining || here) return;
  joining = true;
  failed = null;
  draw();
  for (let attempt = 0; wanted && !here && ENTERS.includes(snapshot.prompt.kind); attempt += 1) {
    try {
      const ticket = await api.join();
      await connect(ticket);
    } catch (problem) {
      const pause = problem.retryAfter ? problem.retryAfter * 1000 : PAUSES[Math.min(attempt, PAUSES.length - 1)];
      if (problem.message === "full") failed = "The room is full. Please tell your clinician.";
      else if (problem.message === "unsupported") failed = "This page cannot show the video service that the practice uses. Please go on by telephone.";
      else if (problem.status && ![0, 409, 429, 500, 502, 503, 504].includes(problem.status)) failed = problem.message;
      else if (attempt >= (problem.retryAfter ? 20 : 5)) failed = "The video room cannot be reached. It is tried again and again; the telephone always works.";
      if (failed && attempt < 5) break;
      draw();
      await new Promise((resolve) => setTimeout(resolve, pause * (0.8 + Math.random() * 0.4)));
      await api.state().then((fresh) => { if (fresh.version >= snapshot.version) snapshot = fresh; }, () => {});
      if (isElsewhere()) moved();
    }
  }
  joining = false;
  room.setReconnecting(false);
  draw();
}

async function connect(ticket) {
  const media = await service(ticket.provider);
  media.onPeer = (id, peer) => room.stage.peer(id, peer);
  media.onPermitted = (allowed) => { granted = allowed; devices.permit(permitted()); };
  media.onState = (word) => { if (here?.media === media) ended(word); };
  await devices.open();
  room.stage.clear();
  last = media.grantOf(ticket);
  await media.join(ticket, devices.tracks);
  if (!wanted || !LASTS.concat("prepare").includes(snapshot.prompt.kind)) {
    media.leave();
    return;
  }
  failed = null;
  here = { media, grant: last };
  await media.setTracks(devices.tracks);
  api.presence("connected", last);
  stayAwake();
  chat.catchUp();
  announce("You are in the room.");
}

function ended(word) {
  const { grant } = here;
  here = null;
  if (word === "dropped") {
    api.presence("dropped", grant);
    room.setReconnecting(true);
    join();
    return;
  }
  if (word === "replaced") moved();
  asking = true;
  api.state().finally(() => { asking = false; }).then((fresh) => {
    // Whose credential was taken back although they may be inside has joined from elsewhere.
    if (word === "removed" && LASTS.includes(fresh.prompt.kind)) moved();
    apply(fresh);
  }, () => {});
}

function moved() {
  elsewhere = true;
  want(false);
  devices.close();
  announce("You joined from another device, so this page left the room.", true);
}

/** Whether the same person is inside under a newer name, that is from another device. */
function isElsewhere() {
  const me = snapshot.people.find((person) => person.id === snapshot.me);
  return last !== null && me?.state === "connected" && me.grant !== last;
}

function hangUp() {
  const { media, grant } = here;
  here = null;
  media.onState = () => {};
  media.leave();
  api.presence("left", grant);
}

async function leave() {
  want(false);
  if (here) hangUp();
  devices.close();
  draw();
  await api.state().then(apply, () => {});
}

devices.addEventListener("change", () => here?.media.setTracks(devices.tracks));

addEventListener("pagehide", () => {
  if (!here) return;
  api.depart(here.grant);
  here.media.leave();
});

// A page that comes back from the browser's memory has left the room.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// A telephone that falls asleep would end the call.
document.addEventListener("visibilitychange", stayAwake);

function stayAwake() {
  if (here && document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}

// A browser that lost its network finds out long before its connections do.
addEventListener("offline", () => {
  if (!here) return;
  const { media } = here;
  ended("dropped");
  media.leave();
});

setInterval(async () => {
  if (!here) return;
  const stats = await here.media.stats();
  if (!stats || !here) return;
  const { advice: advised } = await api.sample(stats).catch(() => ({}));
  if (snapshot.modality === "video") room.advise(advised, advice[advised]);
}, SAMPLE);

function notice({ kind, text }) {
  if (kind === "replaced") return;
  toast(text, { key: kind, kind: kind === "cancelled" ? "error" : "warn", stay: kind === "cancelled" });
}

let missing;

/** Streams end now and then and begin again; only a longer silence is worth a word. */
function lost(yes) {
  clearTimeout(missing);
  if (!yes) {
    dismiss("lost");
    if (snapshot) {
      api.state().then(apply, () => {});
      chat.catchUp();
    }
  } else {
    missing = setTimeout(() => toast("The server cannot be reached. It is tried again by itself.", { key: "lost", kind: "warn", stay: true, silent: true }), SILENCE);
  }
}

async function begin() {
  document.getElementById("visit").replaceChildren(lobby, room.element);
  try {
    apply(await api.state());
  } catch (problem) {
    lobby.replaceChildren(h("p", { class: "notice error" }, problem.message));
    return;
  }
  chat.catchUp();
  // What was said before this page was opened is no news.
  const opened = Date.now() + skew - 2000;
  api.listen({ onState: apply, onChat: (message) => chat.add(message, Date.parse(message.at) < opened), onNotice: notice, lost });
}

begin();
