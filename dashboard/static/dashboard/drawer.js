// Opens the page of an item beside the list; without this script, or with a key held, it is a page.

const drawer = document.getElementById("drawer");
const place = drawer.querySelector("div");

async function open(link) {
  const answer = await fetch(link.href);
  if (!answer.ok || answer.redirected) {
    location.assign(link.href);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...page.getElementById("main").childNodes);
  drawer.showModal();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});
drawer.addEventListener("click", (event) => {
  if (event.target === drawer) drawer.close();
});
