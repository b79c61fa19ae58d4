// The message field: judges while one types, counts what readers call characters, minds the IME.

import { judge } from "./judge.js";

const DRAFT = "manga-chat-draft"; // kept for this tab, so that a reload loses nothing
const COUNTED_FROM = 0.8; // of the limit; below, the count is only in the way

const byTouch = matchMedia("(hover: none) and (pointer: coarse)");

export class Composer {
  /** act(name, text) is called with send, stop, recall and blocked. */
  constructor(config, act) {
    this.words = config.words;
    this.faults = config.faults;
    this.limits = config.limits;
    this.act = act;
    this.form = document.getElementById("composer");
    this.field = document.getElementById("message");
    this.sendButton = document.getElementById("send");
    this.stopButton = document.getElementById("stop");
    this.busy = false;
    if (byTouch.matches) this.field.enterKeyHint = "enter";
    this.kept = storage();
    this.field.value ||= this.kept?.getItem(DRAFT) ?? "";
    this.field.addEventListener("input", () => this.#judge());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.stopButton.addEventListener("click", () => act("stop"));
    this.#judge();
  }

  set text(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.#judge();
    this.field.focus();
  }

  /** While an answer is being written, there is a stop button instead of the send button. */
  show(busy) {
    const focused = [this.sendButton, this.stopButton].includes(document.activeElement);
    this.busy = busy;
    this.sendButton.hidden = busy;
    this.stopButton.hidden = !busy;
    if (focused) this.field.focus();
  }

  submit() {
    const { code, text } = this.#judge();
    if (code) return;
    if (this.busy) {
      this.act("blocked");
      return;
    }
    this.text = "";
    this.act("send", text.trim());
  }

  #key(event) {
    // While an IME composes, Enter belongs to it; Safari tells only by the key code.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !byTouch.matches) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      this.act("recall");
    }
  }

  #judge() {
    const found = judge(this.field.value, this.limits);
    const wrong = found.code !== "" && found.code !== "empty";
    const fault = document.getElementById("fault");
    fault.textContent = wrong ? filled(this.faults[found.code], found.parameters) : "";
    this.field.setAttribute("aria-invalid", String(wrong));
    this.form.classList.toggle("wrong", wrong);
    this.sendButton.disabled = found.code !== "";
    const counted = found.graphemes >= this.limits.characters * COUNTED_FROM;
    document.getElementById("count").textContent = counted ? this.#count(found.graphemes) : "";
    this.kept?.setItem(DRAFT, this.field.value);
    return found;
  }

  #count(graphemes) {
    const shown = (number) => number.toLocaleString(document.documentElement.lang);
    return filled(this.words.count, {
      count: shown(graphemes),
      max: shown(this.limits.characters),
    });
  }
}

function filled(sentence, parameters) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => parameters[name]);
}

/** What this tab keeps; null where the browser denies it, as to frames of another site. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
