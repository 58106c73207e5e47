// The check before a visit: camera, microphone, loudspeaker, and how fast the way to the server is.

import * as api from "./api.js";
import { button, fill, h, field } from "./dom.js";
import { loudness, tone } from "./devices.js";

/** How long each direction is measured, in milliseconds, unless this many bytes went through before. */
const MEASURE = 3000;
const ENOUGH = 32 << 20;

/** The card with the picture, the level, and the check. */
export function checkCard(devices) {
  const video = h("video", { muted: true, playsinline: true, autoplay: true, "aria-label": "Your camera" });
  video.muted = true;
  const blank = h("p", { class: "preview-words" });
  const mic = button("", () => devices.setMic(!devices.micOn), { class: "toggle" });
  const cam = button("", () => devices.setCamera(!devices.camOn), { class: "toggle" });
  const level = h("meter", { min: 0, max: 1, low: 0.05, optimum: 0.5, "aria-label": "Microphone level" });
  const choices = h("div", { class: "pair" });
  const problems = h("div", {});
  const result = h("div", { role: "status" });
  const run = button("Check sound and connection", () => check(devices, result, run));
  let measure;

  function show() {
    const { video: track } = devices.tracks;
    if (track !== video.srcObject?.getTracks()[0]) video.srcObject = track ? new MediaStream([track]) : null;
    video.hidden = !track;
    blank.hidden = Boolean(track);
    blank.textContent = devices.problems.video && devices.camOn ? "No picture from your camera" : "Your camera is off";
    toggle(mic, devices.micOn && devices.mic, "Microphone");
    toggle(cam, track, "Camera");
    if (measure?.track !== devices.mic) {
      measure?.stop();
      measure = devices.mic ? Object.assign(loudness(devices.mic), { track: devices.mic }) : null;
    }
    fill(problems, devices.problems, () => Object.entries(devices.problems).filter(([kind, words]) => words && (kind === "audio" || devices.camOn))
      .map(([, words]) => h("p", { class: "notice warn" }, words)));
    if (Object.values(devices.problems).some(Boolean) && !problems.querySelector("button")) {
      problems.append(h("div", { class: "actions" }, button("Try again", () => devices.open())));
    }
    pickers(devices, choices);
  }

  const ticking = setInterval(() => { level.value = measure && devices.micOn ? measure() : 0; }, 100);
  devices.addEventListener("change", show);
  const card = h("section", { class: "card check", "aria-labelledby": "check-title" },
    h("h2", { id: "check-title" }, "Camera and microphone"),
    h("div", { class: "preview" }, video, blank, h("div", { class: "preview-bar" }, mic, cam)),
    h("div", { class: "level" }, h("span", { class: "hint" }, "Say something:"), level),
    problems, choices,
    h("div", { class: "actions" }, run), result);
  show();
  return { card, close: () => { clearInterval(ticking); measure?.stop(); devices.removeEventListener("change", show); } };
}

function toggle(element, on, name) {
  element.textContent = `${name} ${on ? "on" : "off"}`;
  element.setAttribute("aria-pressed", String(Boolean(on)));
}

/** Lists to choose a device from, where there is a choice. */
export async function pickers(devices, box) {
  const lists = await devices.list();
  const named = [["audio", "Microphone"], ["video", "Camera"], ["output", "Loudspeaker"]]
    .filter(([kind]) => lists[kind].length > 1 && lists[kind].some((device) => device.label));
  const shown = named.map(([kind]) => [kind, devices.chosen[kind], lists[kind].map((d) => [d.deviceId, d.label])]);
  fill(box, shown, () => named.map(([kind, name]) => {
    const options = lists[kind].map((device, index) => h("option", { value: device.deviceId, selected: device.deviceId === devices.chosen[kind] }, device.label || `${name} ${index + 1}`));
    return field(name, h("select", { data: { key: kind }, on: { change: (event) => devices.choose(kind, event.target.value) } }, options));
  }));
}

async function check(devices, result, run) {
  run.disabled = true;
  await devices.open();
  const say = (words) => result.replaceChildren(h("p", { class: "notice" }, words));
  say("Listen: two soft tones are played now.");
  await tone(devices.chosen.output);
  const heard = await new Promise((resolve) => {
    result.replaceChildren(h("div", { class: "notice" }, h("p", {}, "Did you hear two soft tones?"),
      h("div", { class: "actions" },
        button("Yes", () => resolve(true), { class: "primary" }),
        button("No", () => resolve(false)),
        button("Play again", () => tone(devices.chosen.output)))));
    result.querySelector("button").focus();
  });
  say("The connection is being measured. This takes a few seconds.");
  try {
    const down = await rate((signal) => api.download(signal));
    const noise = new Uint8Array(256 << 10);
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
    const up = await rate(async (signal) => { await api.upload(noise, signal); return noise.length; });
    const seen = { camera: Boolean(devices.tracks.video), microphone: Boolean(devices.mic), speaker: heard, up_kbps: up, down_kbps: down, relay: null };
    const { verdict, words } = await api.report(seen);
    const kind = { good: "good", warn: "warn", audio_only: "warn", poor: "error" }[verdict] || "";
    result.replaceChildren(h("div", { class: `notice ${kind}` }, h("p", {}, words),
      h("p", { class: "hint" }, `Up ${megabits(up)}, down ${megabits(down)}.`,
        heard ? null : " If you hear nothing, look at the volume and at the loudspeaker that is chosen.")));
  } catch {
    result.replaceChildren(h("p", { class: "notice error" }, "The connection could not be measured. Please try again."));
  }
  run.disabled = false;
  run.textContent = "Check again";
}

const megabits = (kbps) => `${(kbps / 1000).toLocaleString([], { maximumFractionDigits: 1 })} Mbit/s`;

/** Moves bytes for some seconds; returns kilobits per second. */
async function rate(move) {
  const began = performance.now();
  const stop = AbortSignal.timeout(MEASURE * 4);
  let bytes = 0;
  do bytes += await move(stop); while (performance.now() - began < MEASURE && bytes < ENOUGH);
  return Math.round((bytes * 8) / (performance.now() - began));
}
