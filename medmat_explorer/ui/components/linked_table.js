// A table whose cells may be links or buttons. Data reaches the page through textContent only; addresses come from our
// own pages. The roles are written out because narrow tables are laid out as cards, which would take them away.
const LONG = 16; // characters: on a narrow screen such a cell gets a line of its own

function content(cell, send) {
  if (cell.href) {
    const link = make("a", "", cell.text);
    link.href = cell.href;
    if (/^https?:/.test(cell.href)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    return named(link, cell);
  }
  if (cell.act) {
    const button = make("button", "", cell.text);
    button.type = "button";
    button.dataset.key = cell.act;
    button.onclick = () => send(cell.act);
    return named(button, cell);
  }
  return make("span", "", cell.text);
}

function named(element, cell) {
  if (cell.title) {
    element.title = cell.title;
    element.setAttribute("aria-label", cell.title);
  }
  return element;
}

function line(row, columns, selected, send) {
  const element = make("tr", selected && row.some((cell) => cell.act === selected) ? "selected" : "");
  element.setAttribute("role", "row");
  row.forEach((cell, i) => {
    const place = make("td", [columns[i].amount ? "amount" : "", cell.tone].join(" ").trim());
    place.setAttribute("role", "cell");
    place.dataset.title = columns[i].title;
    if (!cell.text) place.classList.add("empty");
    if (cell.text.length > LONG) place.classList.add("wide");
    place.append(content(cell, send));
    element.append(place);
  });
  return element;
}

function head(columns) {
  const titles = make("tr");
  titles.setAttribute("role", "row");
  for (const column of columns) {
    const cell = make("th", column.amount ? "amount" : "", column.title);
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    titles.append(cell);
  }
  const group = make("thead");
  group.setAttribute("role", "rowgroup");
  group.append(titles);
  return group;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const held = parentElement.activeElement?.dataset?.key;
  let root = parentElement.querySelector(".linked");
  if (!root) {
    root = make("div", "linked");
    parentElement.append(root);
  }
  const send = (act) => setTriggerValue("act", { act });
  const table = make("table");
  table.setAttribute("role", "table");
  const body = make("tbody");
  body.setAttribute("role", "rowgroup");
  body.append(...data.rows.map((row) => line(row, data.columns, data.selected, send)));
  table.append(make("caption", "", data.label), head(data.columns), body);
  root.replaceChildren(table);
  if (held) root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}
