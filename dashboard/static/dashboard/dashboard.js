// Puts each snapshot into the page, part by part, without touching what has not changed.

import { poll } from "./polling.js";

const live = document.getElementById("live");
const stale = document.getElementById("stale");
const freeze = document.getElementById("freeze");
const pace = document.getElementById("pace");
const announcer = document.getElementById("announcer");
const QUIET = 5_000; // milliseconds without a snapshot, after which the page says so

let source = null;
let frozen = false;
let alarm = 0;

function verdict() {
  return document.getElementById("verdict")?.textContent ?? "";
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const before = verdict();
  for (const part of next.querySelectorAll("[data-part]")) {
    const old = live.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old && old.innerHTML === part.innerHTML && old.className === part.className) continue;
    replace(old, document.adoptNode(part));
  }
  const after = verdict();
  if (after !== before) announcer.textContent = after;
}

function replace(old, part) {
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const places = [...old.querySelectorAll(".wide")].map((each) => each.scrollLeft);
  for (const each of old.querySelectorAll("details[open]")) {
    part.querySelector(`#${each.id}`)?.setAttribute("open", "");
  }
  old.replaceWith(part);
  [...part.querySelectorAll(".wide")].forEach((each, n) => { each.scrollLeft = places[n] ?? 0; });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function heard() {
  stale.hidden = true;
  clearTimeout(alarm);
  alarm = setTimeout(() => { stale.hidden = false; }, QUIET);
}

function open() {
  if (source || frozen || document.hidden) return;
  heard();
  source = document.body.dataset.poll
    ? poll(document.body.dataset.poll, heard, show)
    : listen(document.body.dataset.stream);
}

function listen(address) {
  const stream = new EventSource(address);
  stream.addEventListener("snapshot", (event) => {
    heard();
    show(JSON.parse(event.data).html);
  });
  stream.addEventListener("error", () => {
    // A browser tries again by itself, except after an answer that is no stream.
    if (stream !== source || stream.readyState !== EventSource.CLOSED) return;
    close();
    stale.hidden = false;
    setTimeout(open, QUIET);
  });
  return stream;
}

function close() {
  clearTimeout(alarm);
  source?.close();
  source = null;
}

function toggle() {
  frozen = !frozen;
  freeze.setAttribute("aria-pressed", String(frozen));
  freeze.textContent = frozen ? freeze.dataset.unfreeze : freeze.dataset.freeze;
  pace.textContent = frozen ? pace.dataset.frozen : pace.dataset.live;
  stale.hidden = true;
  if (frozen) close();
  else open();
}

freeze.addEventListener("click", toggle);
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, select, textarea");
  if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey && !writes) toggle();
});
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
open();
