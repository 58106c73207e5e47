// Who is here and who waits, and what a host may do about it.

import * as api from "./api.js";
import { announce, ask, button, confirm, dismiss, field, fill, h, icon, time, toast } from "./dom.js";
import { refused } from "./lobby.js";
import { words as qualities } from "./quality.js";

const STATES = { invited: "invited", waiting: "waiting", admitted: "coming in", joining: "coming in", connected: "in the room",
  reconnecting: "reconnecting", left: "left", removed: "removed", declined: "not let in" };
const INSIDE = ["admitted", "joining", "connected", "reconnecting"];
const KINDS = { connected: "good", waiting: "warn", reconnecting: "warn", removed: "bad", declined: "bad" };
const ROLES = { clinician: "clinician", supervisor: "supervisor", client: "client", guardian: "guardian", interpreter: "interpreter",
  collateral: "guest", observer: "observer" };

export const isInside = (person) => INSIDE.includes(person.state);

/** Others who wait to be let in. */
export const waiting = (snapshot) => snapshot.people.filter((p) => p.state === "waiting" && p.id !== snapshot.me && !["clinician", "supervisor"].includes(p.role));

export class People {
  #known = null;

  constructor(apply) {
    this.apply = apply;
  }

  async act(name, details) {
    try {
      const next = await api.act(name, details);
      this.apply(next);
      return next;
    } catch (refusal) {
      refused(refusal);
      return null;
    }
  }

  /** Tells a host who came, once each; where the list is in sight, the ear is enough. */
  notice(snapshot, inSight) {
    if (!snapshot.host) return;
    const now = new Map(waiting(snapshot).map((person) => [person.id, person]));
    for (const [id, person] of now) {
      if (this.#known && !this.#known.has(id)) {
        if (inSight) {
          announce(`${person.name} is in the waiting room.`);
          continue;
        }
        const actions = person.refusals.length ? [] : [["Let in", () => this.admit(snapshot, person)]];
        toast(`${person.name} is in the waiting room.`, { key: `waits-${id}`, actions, stay: true });
      }
    }
    for (const id of this.#known?.keys() || []) if (!now.has(id)) dismiss(`waits-${id}`);
    this.#known = now;
  }

  fill(box, snapshot) {
    const { people, host, me, prompt } = snapshot;
    fill(box, { people, host, me, kind: prompt.kind }, () => {
      const rows = [...people].sort((a, b) => rank(a) - rank(b));
      const waits = waiting(snapshot);
      const many = waits.filter((person) => !person.refusals.length);
      return [
        h("ul", { class: "plain people" }, rows.map((person) => this.#row(snapshot, person))),
        host && prompt.kind !== "over" ? h("div", { class: "actions" },
          many.length > 1 ? button(`Let all ${many.length} in`, () => this.admitAll(many.length), { class: "primary", data: { key: "all" } }) : null,
          button("Invite somebody", () => this.invite(), { data: { key: "invite" } })) : null,
      ];
    });
  }

  #row(snapshot, person) {
    const mine = person.id === snapshot.me;
    const state = person.state === "waiting" && ["clinician", "supervisor"].includes(person.role) ? "here" : STATES[person.state] || person.state;
    return h("li", { data: { person: person.id } },
      h("div", { class: "person" },
        h("strong", {}, person.name, mine ? " (you)" : null),
        person.hand ? h("span", { class: "state warn" }, icon("hand"), "hand raised") : null,
        h("span", { class: `state ${KINDS[person.state] || ""}` }, state)),
      h("div", { class: "hint" }, [ROLES[person.role] || person.role, person.state === "waiting" && person.since ? `since ${time(person.since)}` : null,
        isInside(person) && person.quality ? qualities[person.quality] : null].filter(Boolean).join(" · ")),
      snapshot.host && !mine && snapshot.prompt.kind !== "over" ? this.#deeds(snapshot, person) : null);
  }

  #deeds(snapshot, person) {
    const key = (name) => ({ data: { key: `${name}-${person.id}` } });
    const call = (name) => () => this.act(name, { who: person.id });
    const deeds = [];
    const notes = [];
    if (person.state === "waiting" && snapshot.prompt.kind === "arrive") {
      notes.push(h("p", { class: "hint" }, "Open the waiting room first; then you can let them in."));
    } else if (person.state === "waiting") {
      if (person.refusals.length === 0) deeds.push(button("Let in", () => this.admit(snapshot, person), { class: "primary", ...key("admit"), "aria-label": `Let ${person.name} in` }));
      else {
        notes.push(h("div", { class: "refusals" }, h("p", {}, "Cannot be let in yet:"), h("ul", {}, person.refusals.map((r) => h("li", {}, sentence(r.detail))))));
        if (person.refusals.every((r) => r.overridable)) deeds.push(button("Let in all the same…", () => this.override(person), { ...key("override"), "aria-label": `Let ${person.name} in all the same` }));
      }
      deeds.push(button("Do not let in", async () => {
        if (await confirm(`Not let ${person.name} in?`, "They are told that they cannot join this visit. You can allow them back later.", "Do not let in")) call("decline")();
      }, key("decline")));
    } else if (isInside(person) && person.role !== "clinician") {
      deeds.push(button("Back to the waiting room", call("send_back"), key("back")));
      deeds.push(button("Remove", async () => {
        if (await confirm(`Remove ${person.name}?`, "They are disconnected at once and cannot come back unless you allow it.", "Remove", { danger: true })) call("remove")();
      }, key("remove")));
    } else if (person.state === "removed" || person.state === "declined") {
      deeds.push(button("Allow back", call("allow_back"), key("allow")));
    }
    if (person.linkable && !isInside(person)) deeds.push(button("Make a link", () => this.link(person), key("link")));
    return deeds.length || notes.length ? [...notes, h("div", { class: "actions" }, deeds)] : null;
  }

  async admit(snapshot, person) {
    dismiss(`waits-${person.id}`);
    if (await this.act("admit", { who: person.id, overriding: [] })) announce(`${person.name} is let in.`);
  }

  async admitAll(count) {
    const next = await this.act("admit_all");
    if (next && waiting(next).length) toast(`Some of the ${count} could not be let in. The list says why.`, { kind: "warn" });
  }

  async override(person) {
    const reason = await ask(`Let ${person.name} in all the same?`, (close) => {
      const input = h("textarea", { name: "reason", required: true, minlength: 5, maxlength: 500 });
      const form = h("form", { class: "stack", method: "dialog" },
        h("p", {}, "You take responsibility for what is missing:"),
        h("ul", {}, person.refusals.map((r) => h("li", {}, sentence(r.detail)))),
        field("Reason", input, "Kept with the visit."),
        h("div", { class: "actions" }, h("button", { class: "primary" }, "Let in"), button("Cancel", () => close())));
      form.addEventListener("submit", (event) => { event.preventDefault(); close(input.value.trim()); });
      return form;
    });
    if (reason) await this.act("admit", { who: person.id, overriding: person.refusals.map((r) => r.guard), reason });
  }

  async invite() {
    const wish = await ask("Invite somebody", (close) => {
      const form = h("form", { class: "stack", method: "dialog" },
        field("Name", h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" }), "As others in the room see it."),
        field("Role", h("select", { name: "role" }, ["interpreter", "guardian", "collateral", "observer"].map((role) => h("option", { value: role }, ROLES[role])))),
        h("div", { class: "actions" }, h("button", { class: "primary" }, "Make a link"), button("Cancel", () => close())));
      form.addEventListener("submit", (event) => { event.preventDefault(); close(Object.fromEntries(new FormData(form))); });
      return form;
    });
    const next = wish && (await this.act("invite", { role: wish.role, name: wish.name.trim() }));
    if (next?.link) await this.show(next.link, wish.name.trim());
  }

  async link(person) {
    const sure = person.state === "invited" || (await confirm("Make a new link?", `The link ${person.name} has now stops to work.`, "Make a new link"));
    const next = sure && (await this.act("link", { who: person.id }));
    if (next?.link) await this.show(next.link, person.name);
  }

  async show(path, name) {
    await ask("The link is ready", (close) => {
      const link = h("input", { readonly: true, value: new URL(path, window.location.href).href, "aria-label": "Link", on: { focus: (event) => event.target.select() } });
      const copied = h("span", { class: "hint", role: "status" });
      const copy = async () => {
        link.select();
        await navigator.clipboard?.writeText(link.value).then(() => { copied.textContent = "Copied."; }, () => { copied.textContent = "Please copy it from the field."; });
      };
      return [h("p", {}, `It is for ${name} alone and for this visit alone. Whoever uses it waits until you let them in.`), link,
        h("div", { class: "actions" }, button("Copy", copy, { class: "primary" }), button("Done", () => close()), copied)];
    });
  }
}

const rank = (person) => (person.state === "waiting" && person.role !== "clinician" ? 0 : isInside(person) ? 1 : person.state === "invited" ? 3 : 2);
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
