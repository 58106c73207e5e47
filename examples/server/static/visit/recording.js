// Recording: asked of everybody, shown to everybody, stopped by a no.

import * as api from "./api.js";
import { announce, ask, button, h } from "./dom.js";
import { refused } from "./lobby.js";

export const words = { asking: "Asking to record", starting: "Recording starts", recording: "Recording", stopping: "Recording stops" };

export class Recording {
  #state = "off";
  #dialog = null;

  constructor(apply) {
    this.apply = apply;
  }

  async act(name, details) {
    try {
      this.apply(await api.act(name, details));
    } catch (refusal) {
      refused(refusal);
    }
  }

  show(snapshot, inside) {
    const { state, my_answer: answer, must_answer: must } = snapshot.recording;
    if (state !== this.#state && inside) {
      if (state === "recording") announce("This visit is being recorded now.", true);
      else if (this.#state === "recording") announce("The recording has stopped.", true);
      else if (state === "failed") announce("The recording failed. The visit goes on.", true);
    }
    this.#state = state;
    const due = inside && must && answer === null;
    if (due && !this.#dialog) this.#ask();
    if (!due && this.#dialog) this.#dialog(undefined);
  }

  async #ask() {
    const yes = await ask("May this visit be recorded?", (close) => {
      this.#dialog = close;
      return [
        h("p", {}, "Nothing is recorded unless everybody here says yes. You may say no, and the visit goes on all the same. You may also say no later, which stops the recording."),
        h("div", { class: "actions" }, button("Yes, I agree", () => close(true), { class: "primary" }), button("No", () => close(false))),
      ];
    }, { firm: true });
    this.#dialog = null;
    if (yes !== undefined) await this.act("record_answer", { yes });
  }

  async start() {
    const media = await ask("Record this visit", (close) => [
      h("p", {}, "Everybody in the room is asked first. The recording starts when all have said yes, and everybody sees that it runs."),
      h("div", { class: "actions" }, button("Sound and pictures", () => close("video"), { class: "primary" }), button("Sound alone", () => close("audio")), button("Cancel", () => close())),
    ]);
    if (media) await this.act("record", { media });
  }

  stop() {
    return this.act("record_stop");
  }

  withdraw() {
    return this.act("record_answer", { yes: false });
  }
}
