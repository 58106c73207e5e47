// Asks the server what a new password is worth while it is typed. The server judges again when it is sent.
const output = document.getElementById("strength");
const field = document.getElementById("password");
if (output && field) {
  const words = ["Guessed at once", "Easy to guess", "Could be better", "Good", "Very good"];
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const typed = field.value;
    const mine = ++asked;
    if (!typed) {
      output.textContent = "";
      return;
    }
    const csrf = field.form.elements.namedItem("csrf").value;
    const body = new URLSearchParams({ csrf, password: typed });
    let answer;
    try {
      answer = await fetch(output.dataset.ask, { method: "POST", body, headers: { "x-background": "1" } });
    } catch {
      return;
    }
    if (mine !== asked || !answer.ok) return;
    const found = await answer.json();
    output.textContent = [words[found.score] + ".", ...found.words].join(" ");
    output.classList.toggle("bad", !found.acceptable);
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
}
