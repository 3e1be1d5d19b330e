// Items with their question and options: right one marked, a backbone's probabilities and verdict where it answered.
// Cards are updated in place as answers arrive. Data reaches the page through textContent only.
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

function option(choice) {
  const row = make("li", choice.right ? "right" : "");
  row.append(make("span", "letter", choice.letter), make("span", "text", choice.text));
  if (choice.probability !== null) {
    const bar = make("span", "bar");
    bar.style.width = 100 * choice.probability + "%";
    row.append(bar, make("span", "percent", (100 * choice.probability).toFixed(0) + " %"));
  }
  const marks = [choice.right ? "✓ right" : "", choice.chosen ? "◂ chosen" : ""].filter(Boolean).join(" ");
  if (marks) row.append(make("span", "marks", marks));
  return row;
}

function written(text) {
  const line = make("p", "note", "Wrote: ");
  line.append(text.trim() ? make("span", "written", text.trim()) : make("span", "", "nothing"));
  return line;
}

function closer(card, context) {
  const button = make("button", "", "Look closer");
  button.type = "button";
  button.dataset.key = card.key;
  button.setAttribute("aria-label", `Look closer at this answer: ${card.title}`);
  button.onclick = () => context.component.setTriggerValue("look", { key: card.key });
  return button;
}

function body(card, context) {
  const side = make("div", "side");
  const head = make("div", "head");
  if (card.verdict) {
    const verdict = make("span", "verdict " + card.verdict.replace(" ", "-"), `${card.sign} ${card.verdict}`);
    head.append(verdict);
  }
  head.append(make("span", "title", card.title));
  if (context.component.data.looks) head.append(closer(card, context));
  if (card.link) {
    const link = make("a", "", context.component.data.looks ? "Item" : "Open");
    link.href = card.link;
    link.target = "_self";
    head.append(link);
  }
  const list = make("ol");
  list.append(...card.options.map(option));
  side.append(head, make("p", "question", card.question), list);
  if (card.written !== null) side.append(written(card.written));
  card.notes.forEach((note) => side.append(make("p", "note", note)));
  return side;
}

function draw(card, context) {
  const article = make("article");
  article.dataset.key = card.key;
  article.drawn = JSON.stringify(card);
  if (card.src || card.problem) article.append(picture(card));
  else article.className = "bare";
  article.append(body(card, context));
  return article;
}

export default function (component) {
  const { data, parentElement } = component;
  let root = parentElement.querySelector(".cards");
  if (!root) {
    root = make("div", "cards");
    root.context = {};
    parentElement.append(root);
  }
  root.context.component = component;
  root.classList.toggle("single", data.single);
  const old = new Map([...root.children].map((child) => [child.dataset.key, child]));
  const fresh = data.cards.map((card) => {
    const drawn = old.get(card.key);
    return drawn?.drawn === JSON.stringify(card) ? drawn : draw(card, root.context);
  });
  const same = fresh.length === root.children.length && fresh.every((child, i) => child === root.children[i]);
  if (!same) root.replaceChildren(...fresh);
}
