// The cards of an answer's titles and what to ask next, by text nodes alone.

/** Shows one card for each title in a list, which is hidden without any. */
export function showCards(list, cards = [], words) {
  list.replaceChildren(...cards.map((card) => cardOf(card, words)));
  list.hidden = cards.length === 0;
}

/** Shows one button for each question; ask(question) is called for a click. */
export function showSuggestions(list, questions = [], ask) {
  list.replaceChildren(
    ...questions.map((question) => {
      const button = make("button", "suggestion", question);
      button.type = "button";
      button.addEventListener("click", () => ask(question));
      return make("li", "", button);
    }),
  );
  list.hidden = questions.length === 0;
}

function cardOf(card, words) {
  const parts = [inJapanese(make("h3", "", card.url ? linkOf(card, words) : card.title))];
  if (card.creator) parts.push(inJapanese(make("p", "creator", card.creator)));
  if (card.about) parts.push(make("p", "about", card.about));
  if (card.tags) parts.push(make("ul", "tags", ...card.tags.map((tag) => make("li", "", tag))));
  const offer = offerOf(card, words);
  if (offer.length) parts.push(make("p", "offer", ...offer));
  return make("li", "card", ...parts);
}

function linkOf(card, words) {
  const link = make("a", "", card.title);
  link.href = card.url;
  link.target = "_blank";
  link.rel = "noopener";
  const told = make("span", "unseen", words.new_tab);
  told.lang = document.documentElement.lang;
  link.append(told);
  return link;
}

/** Price, availability and volumes, as far as the catalogue has them. */
function offerOf(card, words) {
  const { lang } = document.documentElement;
  const offer = [];
  if (card.price) {
    const yen = new Intl.NumberFormat(lang, { style: "currency", currency: "JPY" });
    offer.push(make("span", "price", words.price.replace("{price}", yen.format(card.price))));
  }
  if (card.availability) offer.push(make("span", card.availability, words[card.availability]));
  if (card.volumes) offer.push(make("span", "", words.volumes.replace("{count}", card.volumes)));
  return offer;
}

/** Names are the catalogue's in every language of the page. */
function inJapanese(element) {
  element.lang = "ja";
  return element;
}

function make(kind, name, ...content) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  element.append(...content);
  return element;
}
