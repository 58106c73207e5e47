// Asks the browser for a passkey and sends its answer as a form. What it proves is the server's to say.
const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const text = (buffer) => {
  if (!buffer) return null;
  let plain = "";
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const create = async (options) => {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  const { attestationObject, clientDataJSON } = made.response;
  return answer(made, { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) });
};
const get = async (options) => {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const shown = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
  return answer(shown, {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: text(userHandle),
  });
};
const answer = (made, response) => JSON.stringify({
  id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {},
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const problem = form.querySelector("[role=alert]");
  const say = (words) => {
    problem.textContent = words;
    problem.hidden = !words;
  };
  if (!window.PublicKeyCredential) {
    say("This browser cannot use passkeys.");
    continue;
  }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    button.disabled = true;
    try {
      const csrf = form.elements.csrf ? form.elements.csrf.value : "";
      const asked = await fetch(`/passkey/${form.dataset.passkey}`, { method: "POST", headers: { "x-csrf": csrf } });
      const options = await asked.json();
      if (!asked.ok) throw new Error(options.detail || "The server refused.");
      const make = form.dataset.passkey === "register" ? create : get;
      form.elements.answer.value = await make(options.publicKey);
      form.submit();
    } catch (error) {
      const words = {
        NotAllowedError: "Nothing was chosen, or it took too long. Try again.",
        InvalidStateError: "This device has a passkey of your account already.",
        SecurityError: "Passkeys do not work at this address.",
      };
      say(words[error.name] || error.message);
      button.disabled = false;
    }
  });
}
