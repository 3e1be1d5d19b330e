// A grid of pictures, each a button. Arrow keys move, Enter opens, b puts aside, t tags. Data reaches the page through
// textContent only.
function picture(card, problems) {
  if (!card.src) return reason(card.problem);
  const image = document.createElement("img");
  image.src = card.src;
  image.alt = card.alt;
  image.decoding = "async";
  image.onerror = () => sayWhy(image, card.src, problems);
  return image;
}

async function sayWhy(image, address, problems) {
  const tile = reason("picture cannot be shown");
  image.replaceWith(tile);
  const answer = await fetch(address).catch(() => null);
  const known = problems[answer?.headers.get("X-Reason")];
  if (known) tile.textContent = "∅ " + known;
}

function reason(text) {
  return line("reason", "∅ " + text);
}

function line(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

function opener(card, problems, send) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "card";
  element.dataset.key = card.key;
  element.title = card.title;
  const frame = line("frame", "");
  frame.append(picture(card, problems));
  element.append(frame, line("name", card.name), line("detail", card.detail));
  if (card.tags.length) element.append(line("tags", card.tags.map((tag) => "# " + tag).join("  ")));
  element.onclick = () => send("open", card.key);
  return element;
}

function pick(card, send) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "pick";
  element.tabIndex = -1;
  element.setAttribute("aria-pressed", String(card.picked));
  element.setAttribute("aria-label", card.picked ? "Take out of the basket" : "Put into the basket");
  element.title = element.getAttribute("aria-label") + " (b)";
  element.textContent = card.picked ? "✓" : "+";
  element.onclick = () => send("basket", card.key);
  return element;
}

function tile(card, problems, send) {
  const place = document.createElement("div");
  place.className = "tile" + (card.picked ? " picked" : "");
  place.append(opener(card, problems, send), pick(card, send));
  return place;
}

function move(grid, event) {
  const cards = [...grid.querySelectorAll("button.card")];
  const at = cards.indexOf(grid.getRootNode().activeElement);
  if (at < 0) return;
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const next = event.key === "Home" ? 0 : event.key === "End" ? cards.length - 1 : at + step;
  if (!cards[next]) return;
  event.preventDefault();
  cards[next].focus();
}

function askForTag(root, grid, data, send) {
  const key = grid.getRootNode().activeElement?.dataset?.key;
  if (!key) return;
  const form = document.createElement("form");
  form.className = "tagger";
  const box = document.createElement("input");
  box.setAttribute("aria-label", "Tag for this item");
  box.placeholder = "Tag, then Enter; - before it takes it off";
  box.setAttribute("list", "known-tags");
  const known = document.createElement("datalist");
  known.id = "known-tags";
  known.append(...data.tags.map((tag) => new Option(tag)));
  form.append(box, known);
  const close = () => {
    form.remove();
    grid.querySelector(`button.card[data-key="${CSS.escape(key)}"]`)?.focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const tag = box.value.trim();
    close();
    if (tag) send("tag", key, tag);
  };
  form.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
  };
  grid.querySelector(`button.card[data-key="${CSS.escape(key)}"]`).parentElement.append(form);
  box.focus();
}

function onKey(root, grid, data, send, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = grid.getRootNode().activeElement?.dataset?.key;
  if (event.key === "b" && key) send("basket", key);
  else if (event.key === "t" && key) {
    event.preventDefault();
    askForTag(root, grid, data, send);
  } else move(grid, event);
}

function isInUse(element) {
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.matches("a, button, input, textarea, select, summary, dialog, [role], [contenteditable]") ?? false;
}

function enterByArrow(grid, event) {
  if (!grid.isConnected || isInUse(document.activeElement)) return;
  if (!["ArrowRight", "ArrowDown"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  grid.querySelector("button.card")?.focus();
}

function refresh(grid, cards, problems, send) {
  const old = new Map([...grid.children].map((child) => [child.drawn, child]));
  const fresh = cards.map((card) => {
    const drawn = JSON.stringify(card);
    const kept = old.get(drawn);
    if (kept) return kept;
    const made = tile(card, problems, send);
    made.drawn = drawn;
    return made;
  });
  const same = fresh.length === grid.children.length && fresh.every((child, i) => child === grid.children[i]);
  if (!same) grid.replaceChildren(...fresh);
}

export default function ({ data, parentElement, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    grid.setAttribute("role", "group");
    parentElement.append(grid);
  }
  const send = (act, key, tag = "") => setTriggerValue("act", { act, key, tag });
  const turned = grid.hasAttribute("aria-label") && grid.getAttribute("aria-label") !== data.label;
  grid.setAttribute("aria-label", data.label);
  grid.dataset.density = data.density;
  const focused = parentElement.activeElement?.dataset?.key;
  refresh(grid, data.cards, data.problems, send);
  grid.onkeydown = (event) => onKey(parentElement, grid, data, send, event);
  if (turned && grid.getBoundingClientRect().top < 0) grid.scrollIntoView({ block: "start" });
  if (focused) grid.querySelector(`button.card[data-key="${CSS.escape(focused)}"]`)?.focus();
  grid.unlisten?.();
  const enter = (event) => enterByArrow(grid, event);
  document.addEventListener("keydown", enter);
  return (grid.unlisten = () => document.removeEventListener("keydown", enter));
}
