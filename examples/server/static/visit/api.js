// The server's side of the visit: its state, acts, chat, checks. Nothing is kept here.

const { api: base, csrf } = document.body.dataset;

/** A request the server refused, or did not answer (`status` 0). */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || "The server cannot be reached. Please try again.");
    this.status = status;
    this.errors = problem.errors || [];
    this.retryAfter = retryAfter;
  }
}

async function call(method, path, body, options = {}) {
  const headers = { accept: "application/json" };
  if (method === "POST") headers["x-csrf-token"] = csrf;
  if (body !== undefined && !(body instanceof Uint8Array)) headers["content-type"] = "application/json";
  const sent = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(base + path, { method, headers, body: sent, credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Refusal(0, {});
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refusal(answer.status, problem, Number(answer.headers.get("retry-after")) || null);
  }
  return answer;
}

const read = async (path) => (await call("GET", path)).json();
const post = async (path, body) => (await call("POST", path, body)).json();

export const state = () => read("/state");
export const act = (name, details = {}) => post("/acts", { act: name, ...details });
export const join = () => post("/join", {});
export const sample = (stats) => post("/quality", stats);
export const messages = (after) => read(`/chat?after=${after}`);
export const say = (text, note) => post("/chat", { text, note });
export const report = (check) => post("/check", check);

/** What this page sees of its own connection; lost answers do not matter, since the service tells as well. */
export const presence = (state, grant) => call("POST", "/presence", { state, grant }).catch(() => {});

/** The same when the page is about to go. */
export function depart(grant) {
  const body = new Blob([JSON.stringify({ state: "left", grant, csrf })], { type: "application/json" });
  navigator.sendBeacon(`${base}/presence`, body);
}

/** Loads noise; returns the bytes. */
export const download = async (signal) => (await (await call("GET", "/check/download", undefined, { signal })).arrayBuffer()).byteLength;
export const upload = async (bytes, signal) => (await call("POST", "/check/upload", bytes, { signal })).text();

/** Listens to what happens. `lost(true)` when the server is out of reach, `lost(false)` when it is back. */
export function listen({ onState, onChat, onNotice, lost }) {
  let source;
  let retry;
  const open = () => {
    source = new EventSource(`${base}/events`);
    source.addEventListener("open", () => lost(false));
    source.addEventListener("state", (event) => onState(JSON.parse(event.data)));
    source.addEventListener("chat", (event) => onChat(JSON.parse(event.data)));
    source.addEventListener("notice", (event) => onNotice(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      lost(true);
      // After a refusal the browser gives up by itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, 3000);
    });
  };
  open();
  return () => { clearTimeout(retry); source.close(); };
}
