// Filter lists with live counts. Each value is a checkbox; "only" leaves just that value, "not" refuses it; a list of
// values can be pasted. textContent only.
const LONG = 8;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text, label, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.title = label;
  made.onclick = (event) => {
    event.preventDefault();
    act();
  };
  return made;
}

function isNarrow() {
  return matchMedia("(max-width: 640px)").matches;
}

function fold(sections, groups, memory) {
  const all = element("details", "fold");
  all.open = memory.open[""] ?? false;
  all.ontoggle = (event) => event.target === all && (memory.open[""] = all.open);
  const named = groups.filter((group) => group.values.some((value) => value.chosen || value.refused)).length;
  const summary = element("summary");
  summary.append(element("span", "title", named ? `Filters (${named} in use)` : "Filters"));
  all.append(summary, ...sections);
  return all;
}

// A row stays from one drawing to the next: only what changed is written.
function row(group, value, send) {
  const label = element("label", "row");
  const box = element("input");
  box.type = "checkbox";
  box.dataset.id = group.name + "\u0000" + value.value;
  const act = (name) => send({ facet: group.name, value: value.value, act: name });
  box.onchange = () => act("toggle");
  const bar = element("span", "bar");
  const name = element("span", "value", value.text);
  name.title = value.text;
  const acts = element("span", "acts");
  const refuse = button("not", "not", "not " + value.text, () => act("not"));
  acts.append(button("only", "only", "only " + value.text, () => act("only")), refuse);
  const count = element("span", "count");
  label.append(bar, box, name, acts, count);
  label.show = (now, most) => {
    label.className = "row" + (now.count ? "" : " none") + (now.refused ? " refused" : "");
    box.checked = now.chosen;
    box.indeterminate = now.refused;
    bar.style.width = most ? (100 * now.count) / most + "%" : "0";
    count.textContent = now.count.toLocaleString("en-US");
    if (now.refused !== (label.refused ?? false)) {
      label.refused = now.refused;
      name.replaceChildren(...(now.refused ? [element("span", "no", "not "), value.text] : [value.text]));
      refuse.textContent = now.refused ? "undo" : "not";
      refuse.setAttribute("aria-label", (now.refused ? "no longer refuse " : "not ") + value.text);
      refuse.title = refuse.getAttribute("aria-label");
    }
  };
  return label;
}

function rowsOf(group, memory, send) {
  const old = memory.rows[group.name] ?? new Map();
  const kept = new Map();
  const most = Math.max(0, ...group.values.map((value) => value.count));
  const rows = group.values.map((value) => {
    const id = value.value + "\u0000" + value.text;
    const made = old.get(id) ?? row(group, value, send);
    made.show(value, most);
    kept.set(id, made);
    return made;
  });
  memory.rows[group.name] = kept;
  return rows;
}

function heading(group, send) {
  const summary = element("summary");
  const mark = element("span", "mark");
  if (group.axis) mark.style.background = `var(--${group.axis})`;
  const title = element("span", "title", group.title);
  summary.title = group.meaning;
  summary.append(mark, title);
  const named = group.values.filter((value) => value.chosen || value.refused).length;
  if (named) {
    const clear = () => send({ facet: group.name, value: "", act: "clear" });
    summary.append(button("clear", `${named} chosen ×`, "Clear " + group.title, clear));
  }
  return summary;
}

function section(group, memory, send) {
  const details = element("details");
  const chosenHere = group.values.some((value) => value.chosen || value.refused);
  details.open = memory.open[group.name] ?? (chosenHere || (group.open && !isNarrow()));
  details.append(heading(group, send));
  // what is folded is not drawn until it is unfolded
  const fill = () => {
    if (details.open && !details.querySelector(".list")) details.append(...content(group, memory, send));
  };
  fill();
  details.ontoggle = () => {
    memory.open[group.name] = details.open;
    fill();
  };
  return details;
}

function content(group, memory, send) {
  const list = element("div", "list");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", group.title);
  const rows = rowsOf(group, memory, send);
  list.append(...rows);
  if (group.more) list.append(element("p", "more", `${group.more.toLocaleString("en-US")} rarer values: paste to choose them`));
  const isLong = rows.length > LONG || group.more;
  return isLong ? [...finder(group, rows, memory, send), list] : [list];
}

function finder(group, rows, memory, send) {
  const line = element("div", "finder");
  const box = element("input", "search");
  box.type = "search";
  box.placeholder = "Find in " + group.title.toLowerCase();
  box.setAttribute("aria-label", box.placeholder);
  box.dataset.id = group.name + "\u0000search";
  box.value = memory.search[group.name] ?? "";
  const filter = () => {
    memory.search[group.name] = box.value;
    const wanted = box.value.toLowerCase();
    group.values.forEach((value, i) => (rows[i].hidden = !value.text.toLowerCase().includes(wanted)));
  };
  box.oninput = filter;
  filter();
  const paper = pasteBox(group, memory, send);
  const opener = button("paste", "paste", "Paste a list of " + group.title.toLowerCase(), () => {
    memory.paste[group.name] = paper.hidden;
    paper.hidden = !paper.hidden;
    if (!paper.hidden) paper.querySelector("textarea").focus();
  });
  line.append(box, opener);
  return [line, paper];
}

function pasteBox(group, memory, send) {
  const paper = element("div", "paper");
  paper.hidden = !memory.paste[group.name];
  const area = element("textarea");
  area.rows = 3;
  area.placeholder = "One value a line, or with commas between";
  area.setAttribute("aria-label", "List of " + group.title.toLowerCase());
  area.dataset.id = group.name + "\u0000paste";
  const apply = () => {
    memory.paste[group.name] = false;
    if (area.value.trim()) send({ facet: group.name, value: area.value, act: "paste" });
  };
  paper.append(area, button("apply", "Choose these", "Choose the pasted " + group.title.toLowerCase(), apply));
  return paper;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".facets");
  if (!root) {
    root = element("div", "facets");
    root.memory = { open: {}, search: {}, paste: {}, rows: {} };
    parentElement.append(root);
  }
  const focused = parentElement.activeElement?.dataset?.id;
  const tops = new Map([...root.querySelectorAll(".list")].map((list) => [list.ariaLabel, list.scrollTop]));
  const send = (sent) => setTriggerValue("filter", sent);
  const sections = data.groups.map((group) => section(group, root.memory, send));
  root.replaceChildren(...(isNarrow() ? [fold(sections, data.groups, root.memory)] : sections));
  root.querySelectorAll(".list").forEach((list) => tops.get(list.ariaLabel) && (list.scrollTop = tops.get(list.ariaLabel)));
  if (focused) [...root.querySelectorAll("[data-id]")].find((e) => e.dataset.id === focused)?.focus();
}
