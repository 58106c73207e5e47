// Messages and shared notes of one visit.

import * as api from "./api.js";
import { announce, h, time } from "./dom.js";
import { refused } from "./lobby.js";

export class Chat {
  #last = 0;
  #seen = new Set();
  #lists = { chat: list("Messages"), notes: list("Shared notes") };
  unread = { chat: 0, notes: 0 };
  open = null;

  /** `scene` tells who is who; `changed` is called after each message. */
  constructor(scene, changed) {
    this.scene = scene;
    this.changed = changed;
  }

  /** Fetches what came while nobody listened. */
  async catchUp() {
    try {
      for (const message of await api.messages(this.#last)) this.add(message, true);
    } catch {
      // The next reconnection asks again.
    }
  }

  add(message, old = false) {
    if (this.#seen.has(message.n)) return;
    this.#seen.add(message.n);
    this.#last = Math.max(this.#last, message.n);
    const where = message.note ? "notes" : "chat";
    const { me, people } = this.scene();
    const mine = message.from === me;
    const name = people.find((person) => person.id === message.from)?.name || "Somebody";
    const item = h("li", { class: mine ? "message mine" : "message", data: { n: message.n } },
      h("div", { class: "hint" }, mine ? "You" : name, " · ", h("time", { datetime: message.at }, time(message.at))),
      h("div", { class: "prose" }, message.text));
    const box = this.#lists[where];
    const later = [...box.children].find((other) => Number(other.dataset.n) > message.n);
    box.insertBefore(item, later || null);
    box.parentElement?.scrollTo({ top: box.parentElement.scrollHeight });
    if (!mine && !old && this.open !== where) {
      this.unread[where] += 1;
      announce(`${name} ${message.note ? "shared a note" : "wrote"}: ${message.text.slice(0, 200)}`);
    }
    this.changed({ ...message, name }, mine, old);
  }

  /** Returns the panel for `chat` or `notes`; who may write notes is a host. */
  panel(where, writes) {
    const note = where === "notes";
    const text = h("textarea", { rows: 2, maxlength: 4000, required: true, placeholder: note ? "What the client should keep" : "Write a message", "aria-label": note ? "Note to share" : "Message" });
    const form = h("form", { class: "compose" }, text, h("button", { class: "primary" }, note ? "Share" : "Send"));
    const send = async () => {
      const said = text.value.trim();
      if (!said) return;
      text.disabled = true;
      try {
        this.add(await api.say(said, note));
        text.value = "";
      } catch (refusal) {
        refused(refusal);
      }
      text.disabled = false;
      text.focus();
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    });
    const hint = note ? (writes ? "Everybody in the visit sees these notes, and the client keeps them." : "What your clinician writes here for you stays with your records.")
      : "Everybody in the room reads this.";
    return h("div", { class: "talk" }, h("p", { class: "hint" }, hint), h("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": note ? "Shared notes" : "Messages" }, this.#lists[where]), writes ? form : null);
  }

  look(where) {
    this.open = where;
    if (!where || !(where in this.unread)) return;
    this.unread[where] = 0;
    const box = this.#lists[where].parentElement;
    requestAnimationFrame(() => box?.scrollTo({ top: box.scrollHeight }));
  }
}

const list = (name) => h("ol", { class: "plain messages", "aria-label": name });
