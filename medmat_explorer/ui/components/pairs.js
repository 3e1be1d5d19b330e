// Pairs of pictures side by side, each a link to its item. Data reaches the page through textContent only.
function picture(side) {
  if (!side.src) return make("span", "reason", "∅ " + side.problem);
  const image = make("img");
  image.src = side.src;
  image.alt = `${side.place}: ${side.labels}`;
  image.decoding = "async";
  image.onerror = () => image.replaceWith(make("span", "reason", "∅ picture cannot be shown"));
  return image;
}

function half(side) {
  const link = make("a", "side");
  link.href = side.href;
  link.dataset.key = side.key;
  const frame = make("span", "frame");
  frame.append(picture(side));
  const path = make("span", "path", side.path.split("/").slice(-2).join("/"));
  path.title = side.path;
  link.append(frame, make("span", "place", side.place), make("span", "labels", side.labels), path, make("span", "items", side.items));
  return link;
}

function card(pair) {
  const element = make("article", pair.conflict ? "conflict" : "");
  const head = make("p", "head");
  head.append(make("span", `kind ${pair.kind}`, pair.kind), make("span", "what", pair.what));
  if (pair.conflict) head.append(make("span", "clash", "⚠ " + pair.conflict));
  const both = make("div", "both");
  both.append(...pair.sides.map(half));
  element.append(head, both);
  return element;
}

export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".pairs");
  if (!root) {
    root = make("div", "pairs");
    root.setAttribute("role", "group");
    parentElement.append(root);
  }
  root.setAttribute("aria-label", data.label);
  root.replaceChildren(...data.pairs.map(card));
}
