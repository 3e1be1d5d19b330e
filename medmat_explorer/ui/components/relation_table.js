// A table of subsets: a number shows its card, a count opens its items. All text goes in through textContent. The roles
// are written out because narrow tables are laid out as a grid, which would take them away.

const COLUMNS = ["Subset", "Modality", "Area", "Task", "Shares", "Items here", "Kind"];
const WIDTHS = [8, 11, 13, 24, 18, 12, 14];

export default function ({ parentElement, data, setTriggerValue }) {
  const held = parentElement.activeElement?.dataset?.key;
  let root = parentElement.querySelector(".relations");
  if (!root) {
    root = make("div", "relations");
    parentElement.append(root);
  }
  const table = make("table");
  table.setAttribute("role", "table");
  const columns = make("colgroup");
  for (const share of WIDTHS) columns.append(Object.assign(make("col"), { style: `width: ${share}%` }));
  const head = make("thead");
  const titles = make("tr");
  COLUMNS.forEach((title, column) => {
    const cell = make("th", column === 5 ? "amount" : "", title);
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    titles.append(cell);
  });
  head.append(titles);
  const body = make("tbody");
  for (const [element, role] of [[head, "rowgroup"], [titles, "row"], [body, "rowgroup"]]) element.setAttribute("role", role);
  for (const row of data.rows) body.append(makeRow(row, data.selected, setTriggerValue));
  table.append(make("caption", "", data.label), columns, head, body);
  root.replaceChildren(table);
  if (held) root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

function makeRow(row, selected, send) {
  const line = make("tr", row.number === selected ? "selected" : "");
  line.setAttribute("role", "row");
  const cell = (className, text) => {
    const made = make("td", className, text);
    made.setAttribute("role", "cell");
    line.append(made);
    return made;
  };
  const number = button("number", `number ${row.number}`, row.number, `Show the card of subset ${row.number}`);
  number.setAttribute("aria-pressed", String(row.number === selected));
  number.addEventListener("click", () => send("select", { number: row.number }));
  cell("").append(number);
  for (const [axis, text, shared] of row.elements) {
    const element = make("span", shared ? "element shared" : "element", text);
    element.style.setProperty("--axis", `var(--${axis})`);
    if (shared) element.title = "shared with the target";
    cell("").append(element);
  }
  cell("", row.shares);
  const amount = cell(row.items ? "amount" : "amount quiet", row.items ? undefined : "none");
  amount.title = row.meaning;
  if (row.items) {
    const items = button("items", `items ${row.number}`, row.items, `Browse the ${row.items} items of ${row.number}`);
    items.addEventListener("click", () => send("browse", { number: row.number }));
    amount.append(items);
  }
  cell("quiet", row.kind);
  return line;
}

function button(className, key, text, label) {
  const made = make("button", className, text);
  made.type = "button";
  made.dataset.key = key;
  made.setAttribute("aria-label", label);
  return made;
}
