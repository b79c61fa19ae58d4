// One WebSocket that comes back: growing pauses with jitter, a heartbeat, rest while nobody looks.

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 20_000;
const HEARTBEAT = 45_000;
const PATIENCE = 10_000; // for the answer to a heartbeat, for a connection to open, for a cookie

export class Socket {
  #address;
  #hear;
  #show;
  #web = null;
  #tries = 0;
  #resting = false;
  #hint = 0; // milliseconds that the server asked us to stay away
  #retry;
  #patience;

  /** hear(frame) gets every frame; show(state) connecting, open, lost, offline or resting. */
  constructor(address, hear, show) {
    this.#address = new URL(address, location.href);
    this.#address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#hear = hear;
    this.#show = show;
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.#drop());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.wake();
    });
    setInterval(() => this.#beat(), HEARTBEAT);
  }

  get open() {
    return this.#web?.readyState === WebSocket.OPEN;
  }

  /** Connects now, unless it is connected or about to be. */
  connect() {
    if (this.#web) return;
    clearTimeout(this.#retry);
    this.#resting = false;
    if (!navigator.onLine) {
      this.#show("offline");
      return;
    }
    const web = new WebSocket(this.#address);
    this.#web = web;
    this.#expect();
    web.onopen = () => this.#expectNothing();
    web.onmessage = (event) => this.#receive(JSON.parse(event.data));
    web.onclose = () => this.#drop();
  }

  /** Connects if the server let go of us because nothing happened, or if we are waiting to. */
  wake() {
    if (this.#resting || !this.#web) this.connect();
    else this.#beat();
  }

  /** Sends a frame; false when there is no connection. */
  send(action, data = {}) {
    if (!this.open) return false;
    this.#web.send(JSON.stringify({ action, data }));
    return true;
  }

  #receive(frame) {
    this.#expectNothing();
    if (frame.type === "ready") {
      this.#tries = 0;
      this.#show("open");
    }
    if (frame.type === "closing") {
      this.#resting = frame.reason === "idle";
      this.#hint = 1000 * (frame.retry_after ?? 0);
    }
    this.#hear(frame);
  }

  #beat() {
    if (!document.hidden && this.send("ping")) this.#expect();
  }

  #expect() {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#drop(), PATIENCE);
  }

  #expectNothing() {
    clearTimeout(this.#patience);
  }

  #drop() {
    this.#expectNothing();
    if (this.#web) {
      this.#web.onopen = this.#web.onmessage = this.#web.onclose = null;
      this.#web.close();
      this.#web = null;
    }
    if (this.#resting && document.hidden) {
      this.#show("resting");
      return;
    }
    this.#show(navigator.onLine ? "lost" : "offline");
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries);
    const pause = this.#hint + longest * (0.5 + Math.random() / 2);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#comeBack(), pause);
    this.#tries += 1;
    this.#hint = 0;
  }

  /** Connects; after a second failure it renews the page's cookie first, since that may be too old. */
  #comeBack() {
    const connect = () => this.connect();
    if (this.#tries < 2) connect();
    else {
      const signal = AbortSignal.timeout(PATIENCE);
      fetch(location.href, { method: "HEAD", signal }).then(connect, connect);
    }
  }
}
