// Answers to one item under several variants, as a table of bars. Data reaches the page through textContent only.
// The roles are written out because narrow tables are laid out as blocks, which would take them away.
function withRole(element, role) {
  element.setAttribute("role", role);
  return element;
}

function percent(probability) {
  return (100 * probability).toFixed(probability > 0 && probability < 0.095 ? 1 : 0) + " %";
}

function place(cell, option, isRight) {
  const td = withRole(make("td", ["option", isRight ? "right" : "", cell?.chosen ? "chosen" : ""].join(" ").trim()), "cell");
  td.dataset.option = (isRight ? "✓ " : "") + option;
  if (!cell) {
    td.append(make("span", "quiet", "–"));
    return td;
  }
  const line = make("span", "value");
  line.append(make("b", "", cell.letter));
  if (cell.probability !== null) line.append(make("span", "percent", percent(cell.probability)));
  if (cell.chosen) line.append(make("span", "mark", "◂ chosen"));
  td.append(line);
  if (cell.probability !== null) {
    const track = make("span", "track");
    const bar = make("span", "bar");
    bar.style.width = 100 * cell.probability + "%";
    track.append(bar);
    td.append(track);
  }
  return td;
}

function row(line, data) {
  const tr = withRole(make("tr"), "row");
  const head = withRole(make("th", "name", line.name), "rowheader");
  head.scope = "row";
  const verdict = withRole(make("td", "said"), "cell");
  verdict.append(make("span", "verdict " + line.verdict.replace(" ", "-"), `${line.sign} ${line.verdict}`));
  if (line.text) verdict.append(make("span", "text", line.text));
  if (line.note) verdict.append(make("span", "quiet", line.note));
  tr.append(head, ...line.cells.map((cell, i) => place(cell, data.options[i], i === data.right)), verdict);
  return tr;
}

export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".variants");
  if (!root) parentElement.append((root = make("div", "variants")));
  const table = withRole(make("table"), "table");
  const heads = withRole(make("tr"), "row");
  const titles = ["Put as", ...data.options.map((text, i) => (i === data.right ? "✓ " : "") + text), "Said"];
  for (const title of titles) {
    const th = withRole(make("th", "", title), "columnheader");
    th.scope = "col";
    heads.append(th);
  }
  const head = withRole(make("thead"), "rowgroup");
  head.append(heads);
  const body = withRole(make("tbody"), "rowgroup");
  body.append(...data.lines.map((line) => row(line, data)));
  table.append(make("caption", "", data.label), head, body);
  root.replaceChildren(table);
}
