// Asks for the part of a page that changes, again and again; 304 says that nothing has.

const EVERY = 2_000; // milliseconds

export function poll(address, heard, show) {
  const ending = new AbortController();
  let tag = "";
  let timer = 0;

  async function look() {
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(address, { headers, signal: ending.signal, cache: "no-store" });
      if (answer.ok) {
        show(await answer.text());
        tag = answer.headers.get("ETag");
      }
      if (answer.ok || answer.status === 304) heard();
    } catch (error) {
      // Without a network the page says by itself that it is old.
      if (!(error instanceof TypeError) && error.name !== "AbortError") throw error;
    } finally {
      if (!ending.signal.aborted) timer = setTimeout(look, EVERY);
    }
  }

  look();
  return {
    close() {
      clearTimeout(timer);
      ending.abort();
    },
  };
}
