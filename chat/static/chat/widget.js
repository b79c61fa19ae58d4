// The chat on a store's page: a button and, once it is pressed, the chat's page in a frame.
// Needs of the store's policy nothing but this script and the frame (docs/widget.md).
(() => {
  const PATIENCE = 2_000; // milliseconds; a frame that then has not said a word was refused
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const BUBBLE = "M8 3h16a5 5 0 0 1 5 5v11a5 5 0 0 1-5 5h-7l-6 6v-6H8a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5Z";
  const WORDS = {
    ja: {
      open: "漫画を相談",
      title: "マンガアシスト",
      refused: "チャットを表示できませんでした。",
      elsewhere: "新しいタブで開く",
    },
    en: {
      open: "Ask about manga",
      title: "MangaAssist",
      refused: "The chat could not be shown here.",
      elsewhere: "Open it in a new tab",
    },
  };
  const STYLES = `
    :host { all: initial; color-scheme: light dark; }
    .launcher, dialog { position: fixed; z-index: 2147483000; font: 600 15px/1.5 system-ui,
      "Hiragino Sans", "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif; }
    .launcher { right: max(20px, env(safe-area-inset-right)); display: flex; gap: 8px;
      bottom: max(20px, env(safe-area-inset-bottom)); align-items: center; min-height: 52px;
      padding: 0 20px 0 16px; border: 1px solid transparent; border-radius: 26px; cursor: pointer;
      background: var(--accent, #b8322a); color: var(--on-accent, #fff);
      box-shadow: 0 2px 6px rgb(0 0 0 / 16%), 0 8px 28px rgb(0 0 0 / 18%); }
    .launcher:focus-visible { outline: 3px solid var(--accent, #b8322a); outline-offset: 3px; }
    svg { width: 24px; height: 24px; fill: currentColor; }
    dialog { inset: auto max(20px, env(safe-area-inset-right)) 88px auto; margin: 0; padding: 0;
      width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100dvh - 112px));
      max-width: none; max-height: none; overflow: hidden;
      border: 1px solid light-dark(rgb(0 0 0 / 12%), rgb(255 255 255 / 16%));
      border-radius: 20px; background: light-dark(#faf7f2, #17161a);
      color: light-dark(#1f1c1a, #efebe6); box-shadow: 0 12px 48px rgb(0 0 0 / 26%); }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .refused { position: absolute; inset: 0; display: grid; place-content: center; gap: 12px;
      padding: 24px; background: inherit; text-align: center; }
    .refused[hidden] { display: none; }
    .refused a { color: inherit; }
    @media (max-width: 640px) {
      dialog { inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0; }
    }
    @media (prefers-reduced-motion: no-preference) {
      dialog[open] { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; translate: 0 12px; } }
    }
    @media print { .launcher, dialog { display: none; } }
  `;

  const script = document.currentScript;
  const home = new URL("./", script.src);
  const asked = script.dataset.lang || document.documentElement.lang || "ja";
  const language = asked.toLowerCase().startsWith("ja") ? "ja" : "en";
  const words = WORDS[language];
  const accent = /^#([0-9a-f]{6})$/i.exec(script.dataset.accent ?? "")?.[1] ?? "";
  const phone = matchMedia("(max-width: 640px)");

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function sign() {
    const drawing = document.createElementNS(NAMESPACE, "svg");
    const bubble = document.createElementNS(NAMESPACE, "path");
    drawing.setAttribute("viewBox", "0 0 32 32");
    drawing.setAttribute("aria-hidden", "true");
    bubble.setAttribute("d", BUBBLE);
    drawing.append(bubble);
    return drawing;
  }

  /** Paints the button, with white or black letters, whichever are easier to read on it. */
  function paint(style) {
    const light = (at) => (Number.parseInt(accent.slice(at, at + 2), 16) / 255) ** 2.2;
    const luminance = 0.2126 * light(0) + 0.7152 * light(2) + 0.0722 * light(4);
    style.setProperty("--accent", `#${accent}`);
    style.setProperty("--on-accent", luminance > 0.179 ? "#000" : "#fff");
  }

  /** What is shown in the place of a frame that has not said a word. */
  function refusal() {
    const link = { href: new URL(`?lang=${language}`, home), target: "_blank", rel: "noopener" };
    const lines = [words.refused, element("a", link, words.elsewhere)];
    return element("div", { className: "refused", hidden: true }, ...lines);
  }

  class Widget {
    #frame = null;
    #ready = false;
    #refusal = refusal();

    constructor() {
      this.host = element("div", { lang: language });
      this.host.dataset.mangaAssist = "";
      if (accent) paint(this.host.style);
      this.button = element("button", { type: "button", className: "launcher" }, sign(), words.open);
      this.button.setAttribute("aria-haspopup", "dialog");
      this.dialog = element("dialog", { id: "chat", ariaLabel: words.title }, this.#refusal);
      this.button.setAttribute("aria-controls", "chat");
      this.button.addEventListener("click", () => (this.dialog.open ? this.close() : this.open()));
      this.dialog.addEventListener("close", () => this.#closed());
      const root = this.host.attachShadow({ mode: "open" });
      root.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.close();
      });
      const styles = new CSSStyleSheet();
      styles.replaceSync(STYLES);
      root.adoptedStyleSheets = [styles];
      root.append(this.button, this.dialog);
      addEventListener("message", (event) => this.#hear(event));
      this.#closed();
    }

    /** On a phone the chat covers the page, which cannot be reached behind it. */
    open() {
      if (!this.#refusal.hidden) this.#forget();
      this.#frame ??= this.#load();
      if (phone.matches) this.dialog.showModal();
      else this.dialog.show();
      this.button.setAttribute("aria-expanded", "true");
      this.#enter();
    }

    close() {
      this.dialog.close();
    }

    #closed() {
      const opened = this.button.getAttribute("aria-expanded") === "true";
      this.button.setAttribute("aria-expanded", "false");
      if (opened) this.button.focus();
    }

    #load() {
      const frame = element("iframe", { title: words.title, allow: "clipboard-write" });
      frame.src = new URL(`frame/?lang=${language}&accent=${accent}`, home);
      this.dialog.prepend(frame);
      frame.addEventListener("load", () => setTimeout(() => this.#look(), PATIENCE));
      return frame;
    }

    /** The chat may only have been away: the next time it is asked for anew. */
    #forget() {
      this.#frame.remove();
      this.#frame = null;
      this.#refusal.hidden = true;
    }

    #look() {
      this.#refusal.hidden = this.#ready;
      if (!this.#ready) console.error(`${home} must name ${location.origin} in CHAT_EMBED_ORIGINS.`);
    }

    #enter() {
      if (!this.#ready || !this.dialog.open) return;
      this.#frame.focus();
      this.#frame.contentWindow.postMessage({ manga: "opened" }, home.origin);
    }

    #hear(event) {
      if (event.origin !== home.origin || event.source !== this.#frame?.contentWindow) return;
      if (event.data?.manga === "close") this.close();
      if (event.data?.manga !== "ready") return;
      this.#ready = true;
      this.#refusal.hidden = true;
      this.#enter();
    }
  }

  function begin() {
    if (!document.querySelector("[data-manga-assist]")) document.body.append(new Widget().host);
  }

  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
