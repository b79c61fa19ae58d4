// The keyboard: `g` and a letter opens a page, `?` says which there are.

const help = document.getElementById("help");
const PATIENCE = 1_500; // milliseconds that `g` waits for its letter

let going = 0;

function writes(element) {
  return element.closest("input, select, textarea, [contenteditable]");
}

document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest" });
document.getElementById("help-button").addEventListener("click", () => help.showModal());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || help.open) return;
  if (event.key === "?") {
    help.showModal();
  } else if (event.timeStamp < going) {
    going = 0;
    document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`)?.click();
  } else if (event.key === "g") {
    going = event.timeStamp + PATIENCE;
  }
});
