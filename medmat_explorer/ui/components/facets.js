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

function row(group, value, most, send) {
  const label = element("label", "row" + (value.count ? "" : " none") + (value.refused ? " refused" : ""));
  const box = element("input");
  box.type = "checkbox";
  box.checked = value.chosen;
  box.indeterminate = value.refused;
  box.dataset.id = group.name + "\u0000" + value.value;
  const act = (name) => send({ facet: group.name, value: value.value, act: name });
  box.onchange = () => act("toggle");
  const bar = element("span", "bar");
  bar.style.width = most ? (100 * value.count) / most + "%" : "0";
  const name = element("span", "value", value.text);
  if (value.refused) name.prepend(element("span", "no", "not "));
  name.title = value.text;
  const acts = element("span", "acts");
  acts.append(
    button("only", "only", "only " + value.text, () => act("only")),
    button("not", value.refused ? "undo" : "not", (value.refused ? "no longer refuse " : "not ") + value.text, () => act("not")),
  );
  label.append(bar, box, name, acts, element("span", "count", value.count.toLocaleString("en-US")));
  return label;
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
  const narrow = isNarrow();
  const chosenHere = group.values.some((value) => value.chosen || value.refused);
  details.open = memory.open[group.name] ?? (chosenHere || (group.open && !narrow));
  details.ontoggle = () => (memory.open[group.name] = details.open);
  const list = element("div", "list");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", group.title);
  const most = Math.max(0, ...group.values.map((value) => value.count));
  const rows = group.values.map((value) => row(group, value, most, send));
  list.append(...rows);
  if (group.more) list.append(element("p", "more", `${group.more.toLocaleString("en-US")} rarer values: paste to choose them`));
  details.append(heading(group, send));
  if (rows.length > LONG || group.more) details.append(...finder(group, rows, memory, send));
  details.append(list);
  return details;
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
    root.memory = { open: {}, search: {}, paste: {} };
    parentElement.append(root);
  }
  const focused = parentElement.activeElement?.dataset?.id;
  const tops = [...root.querySelectorAll(".list")].map((list) => list.scrollTop);
  const send = (sent) => setTriggerValue("filter", sent);
  const sections = data.groups.map((group) => section(group, root.memory, send));
  root.replaceChildren(...(isNarrow() ? [fold(sections, data.groups, root.memory)] : sections));
  root.querySelectorAll(".list").forEach((list, i) => (list.scrollTop = tops[i] ?? 0));
  if (focused) [...root.querySelectorAll("[data-id]")].find((e) => e.dataset.id === focused)?.focus();
}
