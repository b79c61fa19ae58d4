// Makes paragraphs and lists of plain text, by text nodes alone: nothing in it can become markup.

const BULLET = /^\s*(?:[-*•・]\s*|\d{1,3}[.)．、]\s+)(?=\S)/;
const UNFINISHED = /^\s*[-*•・]?\s*$/; // nothing, or a bullet whose text is still to come
const NUMBER = /^\s*\d/;

/** Shows a text in an element, keeping the elements of what has not changed. */
export function showText(element, text) {
  const sources = blocksOf(text);
  const shown = element.children;
  for (const [index, source] of sources.entries()) {
    if (shown[index]?.source === source) continue;
    const block = blockOf(source);
    block.source = source;
    if (shown[index]) shown[index].replaceWith(block);
    else element.append(block);
  }
  while (shown.length > sources.length) element.lastElementChild.remove();
}

/** The text cut where one kind of block ends and another begins. */
function blocksOf(text) {
  const blocks = [];
  let open = null;
  for (const line of text.split("\n")) {
    const kind = kindOf(line);
    if (!kind) {
      open = null;
    } else if (kind === open) {
      blocks.push(`${blocks.pop()}\n${line}`);
    } else {
      blocks.push(line);
      open = kind;
    }
  }
  return blocks;
}

function kindOf(line) {
  if (UNFINISHED.test(line)) return "";
  if (!BULLET.test(line)) return "p";
  return NUMBER.test(line) ? "ol" : "ul";
}

function blockOf(source) {
  const kind = kindOf(source.split("\n", 1)[0]);
  const block = document.createElement(kind);
  if (kind === "p") {
    block.append(source);
    return block;
  }
  for (const line of source.split("\n")) {
    const item = document.createElement("li");
    item.append(line.replace(BULLET, ""));
    block.append(item);
  }
  if (kind === "ol") block.start = Number.parseInt(source, 10);
  return block;
}
