// The chat: what frames do to the thread, and what the reader does to both.

import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { Exchange } from "./exchange.js";
import { Frame } from "./frame.js";
import { Socket } from "./socket.js";

const NEAR_END = 80; // pixels from the end within which new text keeps the view at the end
const UNANSWERED = 8_000; // milliseconds in which a sent message is accepted or refused
const AGAIN = 5_000; // milliseconds until a history that could not be read is asked for again

const config = JSON.parse(document.getElementById("config").textContent);
const words = config.words;
const at = (id) => document.getElementById(id);
const thread = at("thread");
const list = at("exchanges");

const exchanges = new Map(); // message id → exchange
let session = null;
let last = 0; // number of the last frame seen
let loaded = false;
let loading = false;
let atEnd = true;

// Frames

const heard = {
  ready(frame) {
    config.limits = composer.limits = frame.limits;
    if (isUser(session) && !isUser(frame.session)) leaveLogin();
    if (session !== null && (session !== frame.session || frame.n < last)) {
      forgetAll();
      last = 0;
    }
    session = frame.session;
    loading = false; // What was asked before has gone with its connection.
    if (loaded) socket.send("resume", { after: last });
    else askHistory();
    for (const exchange of exchanges.values()) {
      if (exchange.state === "sending") transmit(exchange);
    }
    at("clearing-button").disabled = false;
  },
  accepted(frame) {
    const exchange = exchanges.get(frame.of) ?? add(frame.of, frame.message ?? "");
    const over = exchange.ended;
    exchange.begin(frame.turn);
    place(exchange);
    if (!over) announce(words.answer_begins);
  },
  phase: (frame) => exchanges.get(frame.of)?.phase(frame.phase),
  cards(frame) {
    const exchange = exchanges.get(frame.of);
    if (!exchange || exchange.ended) return;
    exchange.titles(frame);
    follow();
  },
  delta: (frame) => exchanges.get(frame.of)?.piece(frame.n, frame.text),
  done(frame) {
    const exchange = exchanges.get(frame.of);
    if (!exchange?.awaited) return;
    exchange.turn = Math.min(exchange.turn, frame.turn ?? Infinity);
    exchange.finish(frame.state, frame.text, frame.notice, frame);
    announce(exchange.part(".notice").textContent || words.answer_ended);
    follow();
  },
  late(frame) {
    const state = frame.state ?? "complete";
    const notice = frame.notice ?? (state === "complete" ? words.late : words[state]);
    exchanges.get(frame.of)?.finish(state, frame.text, notice, frame);
    announce(notice || words.answer_ended);
    follow();
  },
  withdrawn(frame) {
    exchanges.get(frame.of)?.finish("withdrawn", frame.text);
    announce(words.withdrawn);
  },
  refused(frame) {
    const exchange = exchanges.get(frame.of);
    if (exchange?.state === "sending") exchange.unsent(frame.message, frame.retry_after);
    if (exchange) announce(frame.message);
    else banner.warn(frame.message);
    if (loading) askLater();
    follow();
  },
  history(frame) {
    const height = thread.scrollHeight;
    const older = loaded && loading;
    frame.turns.forEach(remember);
    if (older) thread.scrollTop += thread.scrollHeight - height;
    else follow(true);
    at("older").hidden = !frame.more;
    at("summary").hidden = !frame.summary;
    at("summary").lastElementChild.textContent = frame.summary ?? "";
    loading = false;
    // Of an answer that was being written when the page came, the beginning is in the log.
    const open = [...exchanges.values()].some((exchange) => exchange.state === "accepted");
    if (!loaded && open) socket.send("resume", { after: 0 });
    loaded = true;
  },
  cleared() {
    forgetAll();
    loaded = true;
    announce(words.cleared);
  },
  feedback_saved(frame) {
    exchanges.get(frame.of)?.tell(words.thanks);
    announce(words.thanks);
  },
};

function hear(frame) {
  last = Math.max(last, frame.type === "ready" ? 0 : (frame.n ?? 0));
  heard[frame.type]?.(frame);
  refresh();
}

function remember(turn) {
  const asked = turn.role === "user";
  const exchange = exchanges.get(turn.id) ?? (asked ? add(turn.id, turn.text) : null);
  if (asked) exchange.accepted(turn.turn);
  else if (exchange?.isBehind(turn)) exchange.finish(turn.state, turn.text, undefined, turn);
  if (exchange) place(exchange);
}

function askHistory(before) {
  loading = true;
  socket.send("getHistory", before === undefined ? {} : { before });
}

/** What was asked for did not come, at least not yet: older turns wait for the reader. */
function askLater() {
  loading = false;
  setTimeout(() => {
    if (!loaded && !loading) askHistory();
  }, AGAIN);
}

// The thread

function add(id, text) {
  const exchange = new Exchange(id, text, words, (name, ...rest) => acts[name](...rest));
  exchanges.set(id, exchange);
  place(exchange);
  return exchange;
}

/** Puts an exchange where its turn belongs; one without a turn yet is the last. */
function place(exchange) {
  const others = Array.from(list.children).filter((element) => element !== exchange.element);
  const next = others.find((element) => element.exchange.turn > exchange.turn) ?? null;
  if (exchange.element.nextElementSibling !== next || !exchange.element.isConnected) {
    list.insertBefore(exchange.element, next);
  }
  const previous = exchange.element.previousElementSibling?.exchange;
  exchange.repeats(previous?.text === exchange.text);
}

function forgetAll() {
  for (const [id, exchange] of exchanges) {
    if (exchange.state === "sending" || exchange.state === "unsent") continue;
    exchange.forget();
    exchanges.delete(id);
  }
  loaded = false;
  at("older").hidden = at("summary").hidden = true;
}

function isUser(name) {
  return name?.startsWith("user-") ?? false;
}

/** The login has ended: nothing written in it goes out in a visitor's name unasked. */
function leaveLogin() {
  for (const exchange of [...exchanges.values()]) {
    if (exchange.state !== "sending") continue;
    if (composer.field.value) exchange.unsent();
    else acts.edit(exchange);
  }
  at("signed-out").showModal();
}

function refresh() {
  at("welcome").hidden = exchanges.size > 0;
  composer.show([...exchanges.values()].some((exchange) => exchange.busy));
}

/** Keeps the end in view, unless the reader has gone elsewhere. */
function follow(always = false) {
  if (always) atEnd = true;
  if (atEnd) thread.scrollTop = thread.scrollHeight;
  at("latest").hidden = atEnd;
}

function announce(text) {
  at("announcer").textContent = text;
}

// What the reader does

const acts = {
  send(text) {
    transmit(add(crypto.randomUUID(), text));
    refresh();
    follow(true);
  },
  ask(question) {
    acts.send(question);
    composer.field.focus();
  },
  regenerate(exchange) {
    const next = add(crypto.randomUUID(), exchange.text);
    next.again = exchange.id;
    transmit(next);
    refresh();
    follow(true);
    composer.field.focus();
  },
  retry(exchange) {
    transmit(exchange);
    refresh();
    composer.field.focus();
  },
  edit(exchange) {
    exchange.forget();
    exchanges.delete(exchange.id);
    composer.text = exchange.text;
    refresh();
  },
  stop() {
    for (const exchange of exchanges.values()) {
      if (!exchange.busy) continue;
      if (socket.send("stop", { of: exchange.id })) exchange.phase("stopping");
      else if (exchange.state === "sending") exchange.unsent();
      else banner.showLost();
    }
    refresh();
  },
  recall() {
    const latest = list.lastElementChild?.exchange;
    if (latest) composer.text = latest.text;
  },
  blocked: () => announce(words.wait),
  async copy(exchange) {
    await navigator.clipboard.writeText(exchange.answer);
    exchange.tell(words.copied);
    announce(words.copied);
  },
  feedback: (exchange, detail) => sendOrTell("feedback", { of: exchange.id, ...detail }),
  grown: () => follow(),
  silent(exchange) {
    exchange.silent(socket.open);
    if (exchange.given_up) announce(words.failed);
    refresh();
  },
};

/** Sends a message, or leaves it for the next connection; its id makes a repetition harmless. */
function transmit(exchange) {
  exchange.sending();
  const { id, text, again } = exchange;
  const sent = again
    ? socket.send("regenerate", { id, of: again })
    : socket.send("sendMessage", { id, message: text, preferredLanguage: config.language });
  if (!sent) socket.wake();
  clearTimeout(exchange.unanswered);
  exchange.unanswered = setTimeout(() => {
    if (exchange.state !== "sending" || !socket.open) return;
    exchange.unsent();
    refresh();
  }, UNANSWERED);
}

// The connection

/** Sends what makes no sense later, or says that there is no connection. */
function sendOrTell(action, data) {
  if (socket.send(action, data)) return;
  banner.showLost();
  socket.wake();
}

const banner = new Banner(words, announce);
const socket = new Socket(config.socket, hear, (state) => banner.show(state));
const composer = new Composer(config, (name, ...rest) => acts[name](...rest));

// The page

thread.addEventListener("scroll", () => {
  atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_END;
  at("latest").hidden = atEnd;
  if (thread.scrollTop < NEAR_END && !at("older").hidden && !loading) loadOlder();
});
new ResizeObserver(() => follow()).observe(thread);

function loadOlder() {
  askHistory(list.firstElementChild?.exchange.turn);
}

at("older").addEventListener("click", loadOlder);
at("latest").addEventListener("click", () => {
  follow(true);
  composer.field.focus();
});
at("banner").lastElementChild.addEventListener("click", () => socket.connect());
for (const suggestion of document.querySelectorAll(".suggestion")) {
  suggestion.addEventListener("click", () => {
    composer.text = suggestion.textContent;
  });
}
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", () => at(opener.dataset.opens).showModal());
}
at("signed-out").addEventListener("close", () => composer.field.focus());
at("clearing").addEventListener("close", (event) => {
  if (event.target.returnValue === "yes") sendOrTell("clearSession");
  event.target.returnValue = "";
  composer.field.focus();
});
document.addEventListener("keydown", (event) => {
  const inDialog = document.querySelector("dialog[open]");
  if (event.key !== "Escape" || event.isComposing || event.keyCode === 229 || inDialog) return;
  if (composer.busy) acts.stop();
  else frame?.close();
});
const frame = config.framed ? new Frame(() => composer.field.focus()) : null;

socket.connect();
refresh();
