// Before and around the room: what to do next, forms that are due, waiting, the end.

import * as api from "./api.js";
import { button, day, field, fill, focusHeading, h, time, toast } from "./dom.js";

/** Fills the card that says what happens next. `go` is what the buttons do. */
export function nextCard(box, shown, go) {
  const { prompt, host, state, needs, phone, after, modality, starts_at: starts, ends_at: ends } = shown.snapshot;
  const busy = shown.joining ? "Joining…" : null;
  fill(box, { prompt, host, state, needs, phone, after, modality, joining: shown.joining, wanted: shown.wanted, elsewhere: shown.elsewhere, failed: shown.failed, starts, ends }, () => {
    const words = h("p", { class: "lead" }, prompt.words);
    const slot = h("p", { class: "hint" }, `${time(starts)} – ${time(ends)}, ${day(starts)}`);
    const parts = [h("h1", { id: "next-title" }, title(shown)), slot, words];
    if (shown.failed) parts.push(h("p", { class: "notice error" }, shown.failed));
    if (modality === "telephone" && !["over", "barred"].includes(prompt.kind)) return [...parts.slice(0, 2), ...[telephone(phone, host, go)].flat()];
    const due = needs.length > 0;
    const press = (name, act, primary = true) => button(name, act, { class: primary ? "primary big" : "", data: { key: name }, disabled: Boolean(busy) });
    switch (prompt.kind) {
      case "arrive":
        if (due) parts.push(h("p", { class: "hint" }, "Please answer the questions below first."));
        else parts.push(h("div", { class: "actions" }, press(host ? "Open the waiting room" : "Enter the waiting room", go.arrive)));
        break;
      case "opens_at":
        if (host) parts.push(h("div", { class: "actions" }, press("Open the waiting room", go.arrive)));
        break;
      case "answer_recording":
        parts.push(h("p", { class: "hint" }, "You may say no; then the recording stops, or you join when it has ended."),
          h("div", { class: "actions" }, press("Yes, I agree", () => go.record(true)), press("No", () => go.record(false), false)));
        break;
      case "wait":
        parts.push(h("p", { class: "waiting" }, h("span", { class: "pulse", "aria-hidden": "true" }), host ? "The room opens when you let the first person in." : "Keep this page open. It goes on by itself."));
        if (!host) parts.push(h("div", { class: "actions" }, press("Leave the waiting room", go.withdraw, false)));
        break;
      case "prepare":
        parts.push(h("p", { class: "waiting" }, h("span", { class: "pulse", "aria-hidden": "true" }), "The room is being prepared."));
        break;
      case "join": case "rejoin": case "in_room":
        parts.push(h("div", { class: "actions" }, press(busy || joinWord(shown), go.join)));
        break;
      case "over":
        if (after) parts.push(h("div", { class: "actions" }, h("a", { class: "button primary big", href: after }, after.startsWith("/notes") ? "Go to the note" : "Go to the appointment")));
        else if (!host) parts.push(h("p", { class: "hint" }, "You may close this page."));
        break;
    }
    if (phone && !host && ["wait", "prepare", "join", "rejoin"].includes(prompt.kind)) {
      parts.push(h("p", { class: "hint" }, "If video does not work, call the practice: ", h("a", { href: `tel:${phone.replace(/[^\d+]/g, "")}` }, phone)));
    }
    return parts;
  });
}

function title({ snapshot, elsewhere }) {
  if (snapshot.modality === "telephone" && !["over", "barred"].includes(snapshot.prompt.kind)) return "By telephone";
  if (elsewhere) return "You joined from another device";
  return {
    opens_at: snapshot.host ? "Not open yet" : "You are early", answer_recording: "This visit is recorded", arrive: snapshot.host ? "Ready when you are" : "Welcome", wait: snapshot.host ? "Waiting room" : "You are in the waiting room",
    prepare: "Almost there", join: "You can come in", in_room: "The visit is on", rejoin: "Come back in", barred: "You cannot join", over: "This visit is over",
  }[snapshot.prompt.kind] || "Visit";
}

function joinWord({ snapshot, elsewhere }) {
  if (elsewhere) return "Move it to this device";
  return { join: "Join the visit", rejoin: "Rejoin", in_room: "Join from this device" }[snapshot.prompt.kind];
}

function telephone(phone, host, go) {
  if (host) {
    return [h("p", { class: "notice" }, "This visit goes on by telephone. Call the client, and end the visit here afterwards."),
      h("div", { class: "actions" }, button("End the visit", go.end, { class: "danger", data: { key: "end" } }), button("Go on with video", go.video, { data: { key: "video" } }))];
  }
  return h("div", { class: "notice" }, h("p", {}, h("strong", {}, "This visit goes on by telephone.")),
    phone ? h("p", {}, "Your clinician calls you. You can also call the practice: ", h("a", { href: `tel:${phone.replace(/[^\d+]/g, "")}` }, phone)) : h("p", {}, "Your clinician calls you."));
}

const FORMS = { consent, guardian, location };
const kept = new Map();

/** Shows the forms that are due before this person can be let in. What was written into one stays while others go; true
 *  if the focus went with the last one. */
export function formsCard(box, snapshot, done) {
  const due = ["opens_at", "barred", "over"].includes(snapshot.prompt.kind) ? [] : snapshot.needs;
  const focused = box.contains(document.activeElement);
  box.hidden = due.length === 0;
  fill(box.firstElementChild, due.length > 1, () => (due.length > 1 ? "Before we begin: two things" : "Before we begin"));
  for (const [need, make] of Object.entries(FORMS)) {
    if (due.includes(need) && !kept.has(need)) {
      kept.set(need, make(done, snapshot));
      box.append(kept.get(need));
    } else if (!due.includes(need) && kept.has(need)) {
      kept.get(need).remove();
      kept.delete(need);
    }
  }
  if (focused && !box.hidden && !box.contains(document.activeElement)) focusHeading(box);
  return focused && box.hidden;
}

function send(form, name, details, done, button) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const note of form.querySelectorAll(".wrong")) note.remove();
    for (const control of form.querySelectorAll("[aria-invalid]")) { control.removeAttribute("aria-invalid"); control.removeAttribute("aria-describedby"); }
    button.disabled = true;
    try {
      done(await api.act(name, details(new FormData(form))));
    } catch (refusal) {
      button.disabled = false;
      complain(form, refusal);
    }
  });
  return form;
}

/** Puts each complaint to its field, and the focus to the first. */
function complain(form, refusal) {
  let first;
  for (const { field: name, detail } of refusal.errors || []) {
    const control = form.elements[name];
    if (!(control instanceof HTMLElement)) continue;
    const id = `${form.id}-${name}-wrong`;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(h("span", { class: "wrong", id }, `This ${detail}.`));
    first ??= control;
  }
  if (first) return first.focus();
  const note = h("p", { class: "notice error wrong", role: "alert" }, refusal.message);
  form.prepend(note);
}

const SIGNERS = { client: "the client", guardian: "a parent or guardian", representative: "a representative" };

/** A minor's guardian signs by a link of their own, or at the practice. */
function guardian() {
  return h("div", { class: "notice" }, h("p", {}, "A parent or guardian has to agree to this visit first. They get a link of their own from the practice."));
}

function consent(done, { consent_text: text, signers }) {
  const agree = h("button", { class: "primary" }, "I agree");
  const form = h("form", { id: "consent", class: "stack", "aria-label": "Consent" },
    h("h3", {}, "Consent to telehealth"),
    h("blockquote", { class: "prose" }, text || ""),
    h("div", { class: "pair" },
      field("I am", h("select", { name: "signer" },
        ...signers.map((signer) => h("option", { value: signer }, SIGNERS[signer])))),
      field("Your full name, as signature", h("input", { name: "name", required: true, autocomplete: "name", maxlength: 100 }))),
    h("div", {}, agree));
  return send(form, "consent", (data) => ({ signer: data.get("signer"), name: data.get("name").trim() }), done, agree);
}

function location(done) {
  const go = h("button", { class: "primary" }, "This is where I am");
  const form = h("form", { id: "location", class: "stack", "aria-label": "Where you are" },
    h("h3", {}, "Where are you now?"),
    h("p", { class: "hint" }, "So that help reaches you in an emergency. It is asked at each visit."),
    h("fieldset", { class: "inline-choices" }, h("legend", {}, "I am"),
      h("label", { class: "inline" }, h("input", { type: "radio", name: "setting", value: "home", checked: true }), "at home"),
      h("label", { class: "inline" }, h("input", { type: "radio", name: "setting", value: "elsewhere" }), "somewhere else")),
    field("Street and number", h("input", { name: "street", required: true, autocomplete: "street-address", maxlength: 55 })),
    h("div", { class: "pair" },
      field("City", h("input", { name: "city", required: true, autocomplete: "address-level2", maxlength: 30 })),
      field("State", h("input", { name: "state", required: true, autocomplete: "address-level1", maxlength: 2, pattern: "[A-Za-z]{2}", title: "two letters, such as CO", class: "short" })),
      field("ZIP code", h("input", { name: "zip", required: true, autocomplete: "postal-code", inputmode: "numeric", maxlength: 10 }))),
    field("Telephone of the local emergency service", h("input", { name: "emergency_phone", required: true, type: "tel", maxlength: 20 }), "The police or crisis line where you are; 911 cannot be called from elsewhere."),
    h("div", {}, go));
  const details = (data) => ({ ...Object.fromEntries([...data].map(([name, value]) => [name, value.trim()])), state: data.get("state").trim().toUpperCase() });
  return send(form, "attest", details, done, go);
}

export function refused(refusal) {
  toast(refusal.message, { kind: "error" });
}
