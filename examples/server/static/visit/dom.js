// Elements, announcements, dialogs. Text goes in as text, whatever it holds.

/** Makes an element. `props` are attributes; `on` holds listeners, `data` data attributes; false and null leave out. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  set(element, props || {});
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
}

/** Fills `box` again if what it shows has changed. The focus stays where a `data-key` says it was, or goes to the heading. */
export function fill(box, shown, build) {
  const mark = JSON.stringify(shown, inOrder);
  if (box.mark === mark) return;
  box.mark = mark;
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  box.replaceChildren(...[build()].flat(2).filter(Boolean));
  if (!focused) return;
  const same = [...box.querySelectorAll("[data-key]")].find((element) => element.dataset.key === focused.dataset.key);
  if (same) same.focus();
  else focusHeading(box);
}

/** Equal things are written equally, whatever order their members came in. */
function inOrder(_, value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Brings people who listen to what has changed. */
export function focusHeading(box) {
  const heading = box.querySelector("h1, h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

export function button(name, press, props = {}) {
  return h("button", { type: "button", ...props, on: { click: press } }, name);
}

/** Tells people who listen instead of looking. */
export function announce(text, urgent = false) {
  const box = document.getElementById(urgent ? "alerts" : "news");
  box.textContent = "";
  // A text counts as new only after the empty one was noticed.
  setTimeout(() => { box.textContent = text; }, 60);
}

/** Shows a short message, with buttons if there is something to do about it. */
export function toast(text, { kind = "", actions = [], key = text, stay = false, silent = false } = {}) {
  const box = document.getElementById("toasts");
  dismiss(key);
  const note = h("div", { class: `notice toast ${kind}`, data: { toast: key } }, h("p", {}, text));
  const close = () => note.remove();
  const buttons = actions.map(([name, press]) => button(name, () => { close(); press(); }));
  note.append(h("div", { class: "actions" }, buttons, button("Dismiss", close, { class: "quiet" })));
  box.append(note);
  if (!silent) announce(text, kind === "error");
  if (!stay) setTimeout(close, actions.length ? 20_000 : 8_000);
}

export function dismiss(key) {
  for (const note of document.querySelectorAll(".toast")) if (note.dataset.toast === key) note.remove();
}

/** Opens a dialog and closes it with what `build(close)` decides; `undefined` if it was dismissed. */
export function ask(title, build, { firm = false } = {}) {
  return new Promise((resolve) => {
    const id = `d${Math.random().toString(36).slice(2)}`;
    const close = (value) => { answer = value; dialog.close(); };
    let answer;
    const dialog = h("dialog", { "aria-labelledby": id }, h("h2", firm ? { id, tabindex: -1, autofocus: true } : { id }, title));
    dialog.append(...[build(close)].flat(2).filter(Boolean));
    if (firm) dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks for a yes, with the word for it on the button. */
export function confirm(title, words, yes, { danger = false } = {}) {
  return ask(title, (close) => [
    h("p", {}, words),
    h("div", { class: "actions" },
      button(yes, () => close(true), { class: danger ? "danger" : "primary" }),
      button("Cancel", () => close(false))),
  ]);
}

/** A labelled field. */
export function field(label, control, hint) {
  return h("label", {}, label, hint ? h("span", { class: "hint" }, hint) : null, control);
}

const shapes = {
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  "mic-off": "M9 9v2a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-5.7-1.3M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.4 2.2M12 17v4M9 21h6M4 4l16 16",
  camera: "M4 7h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2zM15 11l6-3.5v9L15 13",
  "camera-off": "M8 7h5a2 2 0 0 1 2 2v5M14.4 16.4A2 2 0 0 1 13 17H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2M15 11l6-3.5v9L15 13M3 3l18 18",
  screen: "M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM9 21h6M12 17v4M12 14V8M9.5 10.5 12 8l2.5 2.5",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11M11 10V4.500a1.5 1.5 0 0 1 3 0V11M14 10.500V6a1.5 1.5 0 0 1 3 0v8a7 7 0 0 1-7 7c-2.5 0-4-1-5.5-3.500L2.7 14.200a1.5 1.5 0 0 1 2.5-1.600L8 15.5",
  chat: "M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.500a3.5 3.5 0 0 1 0 6.500M18 14.500a6.5 6.5 0 0 1 3.5 5.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  leave: "M3 15.500c0-1.5.5-2.5 2-3.300a15 15 0 0 1 14 0c1.5.8 2 1.8 2 3.3 0 .8-.7 1.2-1.5 1l-2.7-.8c-.6-.2-1-.7-1-1.300v-1.700a12 12 0 0 0-7.6 0v1.700c0 .6-.4 1.1-1 1.300l-2.7.8c-.8.2-1.5-.2-1.5-1z",
  close: "M6 6l12 12M18 6 6 18",
  pin: "M12 17v5M8 3h8l-1 7 3 4H6l3-4z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

export function time(at) {
  return new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

export function day(at) {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? "today" : date.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
}
