// The chat within a store's page, which opens and closes it (widget.js). Nothing said is told to it.

import { paint } from "./accent.js";

export class Frame {
  /** opened() is called whenever the store's page has opened the chat. */
  constructor(opened) {
    document.getElementById("close").addEventListener("click", () => this.close());
    addEventListener("message", (event) => {
      if (event.source === parent && event.data?.manga === "opened") opened();
    });
    paint(document.documentElement.style, new URLSearchParams(location.search).get("accent"));
    this.#tell("ready");
  }

  close() {
    this.#tell("close");
  }

  #tell(what) {
    parent.postMessage({ manga: what }, "*"); // Only the listed pages can be the parent.
  }
}
