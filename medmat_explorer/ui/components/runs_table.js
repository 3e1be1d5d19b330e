// Stored runs: heads that sort, boxes that choose, cells with a link, a bar or a button. Data reaches the page through
// textContent only; addresses come from our own pages. Roles are written out because narrow tables become cards.
function percent(share) {
  return `${100 * Math.min(1, Math.max(0, share))}%`;
}

function spanLine(span) {
  const line = make("span", "span");
  line.setAttribute("aria-hidden", "true"); // the numbers stand beside it
  const interval = make("span", "interval");
  interval.style.left = percent(span.low);
  interval.style.width = percent(span.high - span.low);
  const chance = make("span", "chance");
  chance.style.left = percent(span.chance);
  const dot = make("span", "dot");
  dot.style.left = percent(span.value);
  line.append(interval, chance, dot);
  return line;
}

function progress(share, label) {
  const bar = make("span", "progress");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", label);
  bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  const done = make("span", "done");
  done.style.width = percent(share);
  bar.append(done);
  return bar;
}

function button(text, key, className, press) {
  const made = make("button", className, text);
  made.type = "button";
  made.dataset.key = key;
  made.onclick = press;
  return made;
}

function content(cell, row, send) {
  const parts = [];
  if (cell.href) {
    const link = make("a", "", cell.text);
    link.href = cell.href;
    link.target = "_self";
    link.dataset.key = `open ${row.id}`;
    parts.push(link);
  } else {
    parts.push(make("span", "text", cell.text));
  }
  if (cell.more) parts.push(make("span", "more", cell.more));
  if (cell.span) parts.push(spanLine(cell.span));
  if (cell.share !== null) parts.push(progress(cell.share, `${row.name}: ${cell.more}`));
  if (cell.act) {
    const act = button(cell.act_title, `${cell.act} ${row.id}`, "act", () => send(cell.act, row.id));
    act.setAttribute("aria-label", `${cell.act_title} ${row.name}`);
    parts.push(act);
  }
  return parts;
}

function box(label, key, checked, change) {
  const place = make("label", "box");
  const input = make("input");
  input.type = "checkbox";
  input.checked = checked;
  input.dataset.key = key;
  input.setAttribute("aria-label", label);
  input.onchange = change;
  place.append(input);
  return place;
}

function cellOf(name, role, ...children) {
  const place = make("td", name);
  place.setAttribute("role", role);
  place.append(...children);
  return place;
}

function line(row, data, picked, send) {
  const element = make("tr", picked.has(row.id) ? "picked" : "");
  element.setAttribute("role", "row");
  const choose = box(`Choose ${row.name}`, `pick ${row.id}`, picked.has(row.id), () => send("pick", row.id));
  element.append(cellOf("choose", "cell", choose));
  row.cells.forEach((cell, i) => {
    const place = cellOf([data.columns[i].amount ? "amount" : "", cell.tone, cell.span ? "spanned" : ""].join(" ").trim(), "cell");
    place.dataset.title = data.columns[i].title;
    if (!cell.text && !cell.more) place.classList.add("empty");
    place.append(...content(cell, row, send));
    element.append(place);
  });
  return element;
}

function head(data, picked, send) {
  const titles = make("tr");
  titles.setAttribute("role", "row");
  const first = make("th", "choose");
  first.setAttribute("role", "columnheader");
  const all = data.rows.length > 0 && data.rows.every((row) => picked.has(row.id));
  first.append(box("Choose all runs on this page", "all", all, () => send("all", all ? "none" : "all")));
  titles.append(first);
  for (const column of data.columns) {
    const cell = make("th", column.amount ? "amount" : "");
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    const here = data.sort === column.key;
    cell.setAttribute("aria-sort", here ? (data.descending ? "descending" : "ascending") : "none");
    const title = button(column.title, `sort ${column.key}`, "sort", () => send("sort", column.key));
    title.append(make("span", "arrow", here ? (data.descending ? " ▼" : " ▲") : ""));
    cell.append(title);
    titles.append(cell);
  }
  const group = make("thead");
  group.setAttribute("role", "rowgroup");
  group.append(titles);
  return group;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const held = parentElement.activeElement?.dataset?.key;
  let root = parentElement.querySelector(".runs");
  if (!root) {
    root = make("div", "runs");
    parentElement.append(root);
  }
  const send = (act, about) => setTriggerValue("act", { act, about });
  const picked = new Set(data.picked);
  const table = make("table");
  table.setAttribute("role", "table");
  const body = make("tbody");
  body.setAttribute("role", "rowgroup");
  body.append(...data.rows.map((row) => line(row, data, picked, send)));
  table.append(make("caption", "", "Stored runs"), head(data, picked, send), body);
  root.replaceChildren(table);
  if (held) root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}
