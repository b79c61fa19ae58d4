// A question and its answer: what is known of them, and the elements that show it.

import { showCards, showSuggestions } from "./cards.js";
import { showText } from "./paragraphs.js";

const LOST_AFTER = 45_000; // milliseconds without a frame; the server ends each answer within 28 s
const TOLD_FOR = 2_500;
const TROUBLED = new Set(["incomplete", "failed", "refused"]);

export class Exchange {
  /** words: the page's texts; act(name, exchange, detail) is called for what the reader does. */
  constructor(id, text, words, act) {
    this.id = id;
    this.text = text;
    this.turn = Infinity;
    this.state = "sending"; // then unsent or accepted, and at last a state of a done frame
    this.answer = "";
    this.again = ""; // the message that this one asks again
    this.given_up = false; // The page has said that it failed; the server may still say otherwise.
    this.pieces = new Map();
    this.words = words;
    this.act = act;
    this.element = document.getElementById("exchange").content.firstElementChild.cloneNode(true);
    this.element.exchange = this;
    this.part(".asked").textContent = text;
    this.#listen();
  }

  get busy() {
    return this.state === "sending" || this.state === "accepted";
  }

  get ended() {
    return !this.busy && this.state !== "unsent";
  }

  /** Whether a turn of the history says more of the end than is known here. */
  isBehind({ state }) {
    return this.awaited || this.state === "deferred" || state === "withdrawn";
  }

  /** Whether the server's word about the end is still to come. */
  get awaited() {
    return !this.ended || this.given_up;
  }

  part(selector) {
    return this.element.querySelector(selector);
  }

  #listen() {
    const on = (selector, name) =>
      this.part(selector).addEventListener("click", () => this.act(name, this));
    on(".retry", "retry");
    on(".edit", "edit");
    on(".copy", "copy");
    on(".again", "regenerate");
    this.part(".good").addEventListener("click", () => this.#value("up"));
    this.part(".bad").addEventListener("click", () => this.#value("down"));
    this.part(".reason").addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = event.target.elements.reason.value.trim();
      event.target.hidden = true;
      this.part(".bad").focus();
      if (reason) this.act("feedback", this, { value: "down", reason });
    });
  }

  #value(value) {
    this.part(".good").setAttribute("aria-pressed", String(value === "up"));
    this.part(".bad").setAttribute("aria-pressed", String(value === "down"));
    this.part(".reason").hidden = value === "up";
    if (value === "down") this.part(".reason input").focus();
    this.act("feedback", this, { value });
  }

  /** Says that this repeats the question before it, instead of showing it twice. */
  repeats(again) {
    this.part(".asked").textContent = again ? this.words.same_question : this.text;
    this.element.classList.toggle("repeated", again);
  }

  sending() {
    this.state = "sending";
    clearInterval(this.countdown);
    this.#deliver(this.words.sending, false);
  }

  /** Not accepted: it can be sent again under the same id, after so many seconds. */
  unsent(message = this.words.unsent, seconds = 0) {
    this.state = "unsent";
    clearTimeout(this.watchdog);
    this.part(".answer").hidden = true;
    this.#deliver(message, true);
    this.#countDown(Math.ceil(seconds));
  }

  #deliver(message, choices) {
    const line = this.part(".delivery");
    line.hidden = !message;
    line.firstElementChild.textContent = message;
    line.classList.toggle("trouble", choices);
    for (const button of line.querySelectorAll("button")) button.hidden = !choices;
  }

  #countDown(seconds) {
    const retry = this.part(".retry");
    const show = () => {
      retry.disabled = seconds > 0;
      const text = seconds > 0 ? this.words.retry_in : this.words.retry;
      retry.textContent = text.replace("{seconds}", seconds);
      if (seconds <= 0) clearInterval(this.countdown);
      seconds -= 1;
    };
    clearInterval(this.countdown);
    this.countdown = setInterval(show, 1000);
    show();
  }

  /** The answer begins, maybe anew, because whoever began it died: then its pieces are void. */
  begin(turn) {
    if (!this.ended) {
      this.pieces.clear();
      this.answer = "";
    }
    this.accepted(turn);
  }

  accepted(turn) {
    this.turn = Math.min(this.turn, turn ?? Infinity);
    if (this.ended) return;
    clearInterval(this.countdown);
    this.state = "accepted";
    this.#deliver("", false);
    this.phase("thinking");
  }

  phase(name) {
    if (this.ended) return;
    this.part(".answer").hidden = false;
    this.part(".phase").hidden = false;
    this.part(".phase span").textContent = this.words[name];
    this.element.classList.add("waiting");
    this.#watch();
  }

  /** A piece of the answer; each number counts once, in whatever order they come. */
  piece(frameNumber, text) {
    const latest = Math.max(...this.pieces.keys(), 0);
    // Without its log the server numbers nothing; with it, numbers go on from the last one.
    const number = frameNumber ?? latest + 1 / 1024;
    if (this.ended || this.pieces.has(number)) return;
    this.pieces.set(number, text);
    if (number > latest) this.answer += text;
    else this.answer = [...this.pieces].sort(([a], [b]) => a - b).map(([, part]) => part).join("");
    this.part(".answer").hidden = false;
    this.#draw();
    this.#watch();
  }

  #draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      showText(this.part(".prose"), this.answer);
      this.act("grown", this);
    });
  }

  #watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.act("silent", this), LOST_AFTER);
  }

  /** Nothing has been heard: without a connection it goes on waiting, else it has failed. */
  silent(connected) {
    if (connected) this.finish("failed", this.answer);
    else this.#watch();
    this.given_up = connected;
  }

  /** The titles of the answer and what to ask next, as frames and turns have them. */
  titles({ cards, suggestions }) {
    if (cards) this.part(".answer").hidden = false;
    showCards(this.part(".cards"), cards, this.words);
    const others = suggestions?.filter((question) => question !== this.text);
    showSuggestions(this.part(".next"), others, (question) => this.act("ask", question));
  }

  /** The end, or the late answer: text and titles count, whatever came before. */
  finish(state, text, notice = this.words[state] ?? "", titles = {}) {
    this.state = state;
    this.answer = text;
    this.given_up = false;
    clearTimeout(this.watchdog);
    this.#deliver("", false);
    this.element.classList.remove("waiting");
    this.part(".answer").hidden = false;
    this.part(".phase").hidden = true;
    showText(this.part(".prose"), text);
    this.titles(titles);
    const line = this.part(".notice");
    line.textContent = notice;
    line.hidden = !notice;
    line.classList.toggle("trouble", TROUBLED.has(state));
    this.part(".actions").hidden = state === "deferred";
    for (const name of [".copy", ".good", ".bad"]) this.part(name).hidden = !text;
  }

  /** Says something beside the answer for a moment. */
  tell(text) {
    const told = this.part(".told");
    told.textContent = text;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => told.replaceChildren(), TOLD_FOR);
  }

  /** Ends what would otherwise happen later, because it is taken off the page. */
  forget() {
    clearInterval(this.countdown);
    clearTimeout(this.watchdog);
    this.element.remove();
  }
}
