// Keeps the pages live without frameworks: a cheap poll tells when something changed, then the page is fetched again
// and the marked regions are exchanged. Forms work without this file.
"use strict";

const live = () => [...document.querySelectorAll("[data-live]")];

let known = null;
async function refresh() {
  if (document.hidden || live().length === 0) return;
  const answer = await fetch("/_sandbox/revision");
  const { revision, calls, faults } = await answer.json();
  const seen = [revision, faults, document.querySelector("table.calls, [data-live=calls]") ? calls : ""].join("/");
  const first = known === null;
  if (seen === known) return;
  known = seen;
  if (first) return;
  const html = await (await fetch(location.href)).text();
  const next = new DOMParser().parseFromString(html, "text/html");
  for (const region of live()) {
    const fresh = next.querySelector(`[data-live="${region.dataset.live}"]`);
    if (!fresh || region.contains(document.activeElement) || fresh.innerHTML === region.innerHTML) continue;
    region.innerHTML = fresh.innerHTML;
  }
  startClocks();
}

// The clock runs on from the time the server gave.
const started = new WeakMap();
function startClocks() {
  for (const t of document.querySelectorAll("time[data-tick]")) {
    if (!started.has(t)) started.set(t, Date.parse(t.dateTime) - Date.now());
  }
}
const stamp = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
});
function tick() {
  startClocks();
  for (const t of document.querySelectorAll("time[data-tick]")) {
    const text = `${stamp.format(Date.now() + started.get(t))} UTC`;
    if (t.textContent !== text) t.textContent = text;
  }
}

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.submit();
});

document.documentElement.classList.add("js");
tick();
setInterval(tick, 1000);
setInterval(() => refresh().catch(() => { /* the sandbox is restarting; the next round tries again */ }), 2000);
refresh().catch(() => {});
