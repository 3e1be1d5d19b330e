// Items with the answers of two runs, side by side. Data reaches the page through textContent only; addresses are ours.
function picture(card) {
  const frame = make("div", "frame");
  const reason = (text) => make("span", "reason", "∅ " + text);
  if (!card.src) {
    frame.append(reason(card.problem));
    return frame;
  }
  const image = make("img");
  image.src = card.src;
  image.alt = card.alt;
  image.decoding = "async";
  image.onerror = () => image.replaceWith(reason("picture cannot be shown"));
  frame.append(image);
  return frame;
}

function anchor(text, href, label) {
  const link = make("a", "", text);
  link.href = href;
  link.target = "_self";
  link.setAttribute("aria-label", label);
  return link;
}

function said(option, i, name) {
  const row = make("div", `said side${i}${option.chosen[i] ? " chosen" : ""}`);
  const known = option.probabilities[i] !== null;
  const other = i > 0 && option.letters[i] !== option.letters[0]; // run 2 saw it under another letter
  const track = make("span", "track");
  if (known) {
    const bar = make("span", "bar");
    bar.style.width = 100 * option.probabilities[i] + "%";
    track.append(bar);
  }
  row.append(
    make("span", "who", other ? `${name} (${option.letters[i]})` : name),
    track,
    make("span", "percent", known ? (100 * option.probabilities[i]).toFixed(0) + " %" : "not known"),
    make("span", "mark", option.chosen[i] ? "◂ chosen" : ""),
  );
  return row;
}

function choice(option, card) {
  const row = make("li", option.right ? "right" : "");
  const text = make("div", "text");
  text.append(make("span", "letter", option.letters[0]), make("span", "", option.text));
  if (option.right) text.append(make("span", "mark", " ✓ right"));
  row.append(text, said(option, 0, card.sides[0].name), said(option, 1, card.sides[1].name));
  return row;
}

function side(part, i) {
  const element = make("div", `run side${i}`);
  const head = make("div", "head");
  head.append(
    make("span", "name", part.name),
    make("span", "verdict " + part.verdict.replace(" ", "-"), `${part.sign} ${part.verdict}`),
  );
  if (part.href) head.append(anchor("Open answer", part.href, `Open the answer of ${part.name}`));
  element.append(head, ...part.notes.map((note) => make("p", "note", note)));
  return element;
}

function draw(card) {
  const article = make("article");
  article.dataset.key = card.key;
  const body = make("div", "body");
  const head = make("div", "head");
  head.append(make("span", "title", card.title));
  if (card.href) head.append(anchor("Open item", card.href, `Open the item: ${card.title}`));
  const list = make("ol");
  list.append(...card.options.map((option) => choice(option, card)));
  const runs = make("div", "sides");
  runs.append(...card.sides.map(side));
  body.append(head, make("p", "question", card.question), list, runs);
  article.append(picture(card), body);
  return article;
}

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".paired");
  if (!root) {
    root = make("div", "paired");
    root.setAttribute("role", "group");
    parentElement.append(root);
  }
  root.setAttribute("aria-label", data.label);
  root.replaceChildren(...data.cards.map(draw));
}
