// Items with their question and options: right one marked, a backbone's probabilities and verdict where it answered.
// Cards are updated in place as answers arrive. Data reaches the page through textContent only.
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(card) {
  const frame = element("div", "frame");
  const reason = (text) => element("span", "reason", "∅ " + text);
  if (!card.src) {
    frame.append(reason(card.problem));
    return frame;
  }
  const image = element("img");
  image.src = card.src;
  image.alt = card.alt;
  image.decoding = "async";
  image.onerror = () => image.replaceWith(reason("picture cannot be shown"));
  frame.append(image);
  return frame;
}

function option(choice) {
  const row = element("li", choice.right ? "right" : "");
  row.append(element("span", "letter", choice.letter), element("span", "text", choice.text));
  if (choice.probability !== null) {
    const bar = element("span", "bar");
    bar.style.width = 100 * choice.probability + "%";
    row.append(bar, element("span", "percent", (100 * choice.probability).toFixed(0) + " %"));
  }
  const marks = [choice.right ? "✓ right" : "", choice.chosen ? "◂ chosen" : ""].filter(Boolean).join(" ");
  if (marks) row.append(element("span", "marks", marks));
  return row;
}

function body(card) {
  const side = element("div", "side");
  const head = element("div", "head");
  if (card.verdict) {
    const verdict = element("span", "verdict " + card.verdict.replace(" ", "-"), `${card.sign} ${card.verdict}`);
    head.append(verdict);
  }
  head.append(element("span", "title", card.title));
  if (card.link) {
    const link = element("a", "", "Open");
    link.href = card.link;
    link.target = "_self";
    head.append(link);
  }
  const list = element("ol");
  list.append(...card.options.map(option));
  side.append(head, element("p", "question", card.question), list);
  card.notes.forEach((note) => side.append(element("p", "note", note)));
  return side;
}

function draw(card) {
  const article = element("article");
  article.dataset.key = card.key;
  article.drawn = JSON.stringify(card);
  if (card.src || card.problem) article.append(picture(card));
  else article.className = "bare";
  article.append(body(card));
  return article;
}

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".cards");
  if (!root) {
    root = element("div", "cards");
    parentElement.append(root);
  }
  root.classList.toggle("single", data.single);
  const old = new Map([...root.children].map((child) => [child.dataset.key, child]));
  const fresh = data.cards.map((card) => {
    const drawn = old.get(card.key);
    return drawn?.drawn === JSON.stringify(card) ? drawn : draw(card);
  });
  const same = fresh.length === root.children.length && fresh.every((child, i) => child === root.children[i]);
  if (!same) root.replaceChildren(...fresh);
}
