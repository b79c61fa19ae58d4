// The colour of a store in the chat: darkened or lightened as far as readers need, in both schemes.

const PAPERS = { light: 0.93, dark: 0.008 }; // luminance of the page in chat.css
const LEGIBLE = 4.5; // contrast that WCAG asks for letters

/** Sets the colours of a style from six hexadecimal digits; anything else changes nothing. */
export function paint(style, digits) {
  if (!/^[0-9a-f]{6}$/i.test(digits)) return;
  const colour = digits.match(/../g).map((part) => Number.parseInt(part, 16));
  const [light, dark] = [legible(colour, PAPERS.light, 0), legible(colour, PAPERS.dark, 255)];
  style.setProperty("--seal", `light-dark(${light}, ${dark})`);
  style.setProperty("--on-seal", "light-dark(#fff, #17161a)");
}

/** The colour, mixed with black (0) or white (255) until it can be read on paper. */
function legible(colour, paper, towards) {
  let mixed = colour;
  for (let share = 0.05; contrast(luminance(mixed), paper) < LEGIBLE; share += 0.05) {
    mixed = colour.map((part) => Math.round(part + (towards - part) * share));
  }
  return `rgb(${mixed.join(" ")})`;
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
