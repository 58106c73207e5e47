// Warns before the idle limit, which the server enforces by itself.
const box = document.getElementById("idle");
if (box) {
  let warn = Number(box.dataset.warn) * 1000;
  let end = Number(box.dataset.end) * 1000;
  const tick = () => {
    const now = Date.now();
    box.hidden = now < warn;
    if (now >= end + 1000) location.href = "/sign-in";
  };
  box.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch("/session/stay", { method: "POST", headers: { "x-csrf": box.dataset.csrf || "" } });
    if (!answer.ok) return location.assign("/sign-in");
    const live = await answer.json();
    warn = Date.parse(live.warn_at);
    end = Date.parse(live.idle_at);
    tick();
  });
  setInterval(tick, 1000);
}
