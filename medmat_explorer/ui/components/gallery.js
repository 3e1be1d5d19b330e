// A grid of pictures, each a button. Arrow keys move, Enter opens. Data reaches the page through textContent only.
function picture(card) {
  if (!card.src) return reason(card.problem);
  const image = document.createElement("img");
  image.src = card.src;
  image.alt = card.alt;
  image.loading = "lazy";
  image.decoding = "async";
  image.onerror = () => image.replaceWith(reason("picture cannot be shown"));
  return image;
}

function reason(text) {
  const tile = document.createElement("span");
  tile.className = "reason";
  tile.textContent = "∅ " + text;
  return tile;
}

function line(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

function button(card, open) {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.key = card.key;
  element.title = card.title;
  if (card.current) element.setAttribute("aria-current", "true");
  const frame = document.createElement("span");
  frame.className = "frame";
  frame.append(picture(card));
  element.append(frame, line("name", card.name), line("detail", card.detail));
  element.onclick = () => open(card.key);
  return element;
}

function move(grid, event) {
  const cards = [...grid.querySelectorAll("button")];
  const at = cards.indexOf(grid.getRootNode().activeElement);
  if (at < 0) return;
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const next = event.key === "Home" ? 0 : event.key === "End" ? cards.length - 1 : at + step;
  if (!cards[next]) return;
  event.preventDefault();
  cards[next].focus();
}

export default function ({ data, parentElement, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    grid.setAttribute("role", "group");
    parentElement.append(grid);
  }
  const turned = grid.hasAttribute("aria-label") && grid.getAttribute("aria-label") !== data.label;
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--least", data.least + "px");
  const focused = parentElement.activeElement?.dataset?.key;
  grid.replaceChildren(...data.cards.map((card) => button(card, (key) => setTriggerValue("open", { key }))));
  grid.onkeydown = (event) => move(grid, event);
  if (turned && grid.getBoundingClientRect().top < 0) grid.scrollIntoView({ block: "start" });
  if (focused) grid.querySelector(`button[data-key="${CSS.escape(focused)}"]`)?.focus();
}
