// This person's own microphone, camera and screen.

const REASONS = {
  NotAllowedError: (what) => `This browser was told not to use the ${what}. Allow it with the symbol beside the address, then try again.`,
  NotFoundError: (what) => `No ${what} was found. Connect one, then try again.`,
  NotReadableError: (what) => `The ${what} is in use by another program. Close that program, then try again.`,
  OverconstrainedError: (what) => `The chosen ${what} is not there any more.`,
  insecure: (what) => `The ${what} works on a secure (https) address only. Ask the practice for the right address.`,
};

const LINES = ["audio", "video", "screen"];
const KEEP = "visit-devices";
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

export class Devices extends EventTarget {
  #mic = null;
  #cam = null;
  #screen = null;
  #opened = false;
  #permitted = { audio: true, video: true, screen: true };
  chosen = recall();
  /** What the person wants; what is sent also takes a device and a permission. */
  micOn = true;
  camOn = true;
  /** Why something cannot be used, in words, by `audio` and `video`. */
  problems = { audio: null, video: null };

  /** The tracks to send now. */
  get tracks() {
    return {
      audio: this.micOn && this.#permitted.audio ? this.#mic : null,
      video: this.camOn && this.#permitted.video ? this.#cam : null,
      screen: this.#permitted.screen ? this.#screen : null,
    };
  }

  get mic() { return this.#mic; }
  get camera() { return this.tracks.video; }
  get sharing() { return this.#screen !== null; }
  get permitted() { return this.#permitted; }
  get canShare() { return Boolean(navigator.mediaDevices?.getDisplayMedia); }

  /** Opens what is wanted, asking the browser once for both where that works. */
  async open() {
    this.#opened = true;
    const wanted = { audio: !this.#mic && this.#permitted.audio, video: !this.#cam && this.camOn && this.#permitted.video };
    if (wanted.audio && wanted.video && (await this.#take({ audio: true, video: true }))) return this.#changed();
    if (wanted.audio) await this.#take({ audio: true });
    if (wanted.video && !this.#cam) await this.#take({ video: true });
    this.#changed();
  }

  async #take(what) {
    const both = what.audio && what.video;
    const explain = (name) => {
      for (const kind of Object.keys(what)) this.problems[kind] = (REASONS[name] || ((noun) => `The ${noun} cannot be used.`))(noun(kind));
    };
    if (!navigator.mediaDevices?.getUserMedia) { explain("insecure"); return false; }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: what.audio ? { ...SOUND, ...this.#device("audio") } : false,
        video: what.video ? { ...PICTURE, ...this.#device("video") } : false,
      });
      for (const track of stream.getTracks()) this.#adopt(track);
      return true;
    } catch (error) {
      if (!both) explain(error.name);
      return false;
    }
  }

  #device(kind) {
    return this.chosen[kind] ? { deviceId: { ideal: this.chosen[kind] } } : {};
  }

  #adopt(track) {
    const slot = track.kind;
    this.problems[slot] = null;
    if (slot === "audio") { this.#mic?.stop(); this.#mic = track; } else { this.#cam?.stop(); this.#cam = track; }
    track.addEventListener("ended", () => {
      if (track !== this.#mic && track !== this.#cam) return;
      this.problems[slot] = `The ${noun(slot)} was disconnected.`;
      if (slot === "audio") this.#mic = null; else this.#cam = null;
      this.#changed();
    });
  }

  async setMic(on) {
    this.micOn = on;
    if (on && !this.#mic) await this.#take({ audio: true });
    this.#changed();
  }

  async setCamera(on) {
    this.camOn = on;
    if (on && !this.#cam && this.#permitted.video) await this.#take({ video: true });
    // A camera that is off shows no light.
    if (!on) { this.#cam?.stop(); this.#cam = null; }
    this.#changed();
  }

  /** Starts or stops sharing; the browser asks what to share. */
  async setScreen(on) {
    if (on) {
      try {
        const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
        const [track] = stream.getVideoTracks();
        track.contentHint = "detail";
        track.addEventListener("ended", () => { if (track === this.#screen) this.setScreen(false); });
        this.#screen = track;
      } catch {
        // The person thought better of it.
      }
    } else {
      this.#screen?.stop();
      this.#screen = null;
    }
    this.#changed();
  }

  /** What may be sent from now on. What may not be sent is switched off, and on again once it may. */
  permit(media) {
    const before = this.#permitted;
    if (LINES.every((line) => media[line] === before[line])) return;
    this.#permitted = { ...media };
    if (!media.audio) { this.#mic?.stop(); this.#mic = null; }
    if (!media.video) { this.#cam?.stop(); this.#cam = null; }
    if (!media.screen) { this.#screen?.stop(); this.#screen = null; }
    this.#changed();
    const back = { audio: media.audio && !before.audio && this.micOn, video: media.video && !before.video && this.camOn };
    if (this.#opened && (back.audio || back.video)) this.open();
  }

  async list() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) || [];
    return { audio: all.filter((d) => d.kind === "audioinput"), video: all.filter((d) => d.kind === "videoinput"), output: all.filter((d) => d.kind === "audiooutput") };
  }

  async choose(kind, id) {
    this.chosen[kind] = id;
    try { localStorage.setItem(KEEP, JSON.stringify(this.chosen)); } catch { /* private browsing keeps nothing */ }
    if (kind === "audio") await this.#take({ audio: true });
    if (kind === "video" && this.camOn) await this.#take({ video: true });
    this.#changed();
  }

  /** Lets go of everything: no light stays on. */
  close() {
    for (const track of [this.#mic, this.#cam, this.#screen]) track?.stop();
    this.#mic = this.#cam = this.#screen = null;
    this.#opened = false;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const noun = (kind) => (kind === "audio" ? "microphone" : "camera");

function recall() {
  try { return JSON.parse(localStorage.getItem(KEEP)) || {}; } catch { return {}; }
}

let sound;
function context() {
  if (!sound) {
    sound = new AudioContext();
    // Some browsers keep sound asleep until the person does something.
    for (const deed of ["pointerdown", "keydown"]) document.addEventListener(deed, () => sound.resume(), { capture: true });
  }
  return sound;
}

/** Follows how loud a track is; returns a function that tells, 0 to 1, and stops with `.stop()`. */
export function loudness(track) {
  const source = context().createMediaStreamSource(new MediaStream([track]));
  const meter = context().createAnalyser();
  meter.fftSize = 512;
  source.connect(meter);
  const samples = new Float32Array(meter.fftSize);
  const level = () => {
    meter.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    return Math.min(1, Math.sqrt(power) * 4);
  };
  level.stop = () => source.disconnect();
  return level;
}

/** Plays two soft tones, through the chosen loudspeaker where the browser lets choose. */
export async function tone(output) {
  const player = context();
  await player.resume();
  if (output && player.setSinkId) await player.setSinkId(output).catch(() => {});
  for (const [index, pitch] of [523.25, 659.25].entries()) {
    const from = player.currentTime + 0.05 + index * 0.35;
    const wave = new OscillatorNode(player, { frequency: pitch });
    const volume = new GainNode(player, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.2, from + 0.05);
    volume.gain.linearRampToValueAtTime(0, from + 0.33);
    wave.connect(volume).connect(player.destination);
    wave.start(from);
    wave.stop(from + 0.35);
  }
}
