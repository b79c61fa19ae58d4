// What the reader is told about the connection, above the thread.

const SLOW_TO_CONNECT = 1_200; // milliseconds before a lost connection is worth a word
const TOLD_FOR = 8_000; // milliseconds for what the server could not do

export class Banner {
  #element = document.getElementById("banner");
  #words;
  #announce;
  #timer;

  constructor(words, announce) {
    this.#words = words;
    this.#announce = announce;
  }

  /** Shows what a socket has become: connecting, open, lost, offline or resting. */
  show(state) {
    clearTimeout(this.#timer);
    if (state === "open" || state === "resting") {
      if (!this.#element.hidden) this.#announce(this.#words.connected);
      this.#element.hidden = true;
    } else if (state === "offline") {
      this.#tell(this.#words.offline);
    } else {
      this.#timer = setTimeout(() => this.#tell(this.#words.reconnecting), SLOW_TO_CONNECT);
    }
  }

  /** Says at once that there is no connection. */
  showLost() {
    this.#tell(navigator.onLine ? this.#words.reconnecting : this.#words.offline);
  }

  /** Says for a while what the server could not do. */
  warn(text) {
    clearTimeout(this.#timer);
    this.#element.hidden = true; // so that it is announced, whatever was shown before
    this.#tell(text, false);
    this.#timer = setTimeout(() => {
      this.#element.hidden = true;
    }, TOLD_FOR);
  }

  #tell(text, isLost = true) {
    if (this.#element.hidden) this.#announce(text);
    this.#element.firstElementChild.textContent = text;
    this.#element.lastElementChild.hidden = !isLost;
    this.#element.hidden = false;
  }
}
