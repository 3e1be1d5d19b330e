// Filter lists with live counts. Each value is a checkbox; "only" leaves just that value. textContent only.
const LONG = 8;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function row(group, value, most, send) {
  const label = element("label", "row" + (value.count ? "" : " none"));
  const box = element("input");
  box.type = "checkbox";
  box.checked = value.chosen;
  box.dataset.id = group.name + "\u0000" + value.value;
  box.onchange = () => send({ facet: group.name, value: value.value, act: "toggle" });
  const bar = element("span", "bar");
  bar.style.width = most ? (100 * value.count) / most + "%" : "0";
  const name = element("span", "value", value.text);
  name.title = value.title;
  const only = element("button", "only", "only");
  only.type = "button";
  only.setAttribute("aria-label", "only " + value.text);
  only.onclick = (event) => {
    event.preventDefault();
    send({ facet: group.name, value: value.value, act: "only" });
  };
  label.append(bar, box, name, only, element("span", "count", value.count.toLocaleString("en-US")));
  return label;
}

function section(group, memory, send) {
  const details = element("details");
  const narrow = matchMedia("(max-width: 640px)").matches;
  const chosenHere = group.values.some((value) => value.chosen);
  details.open = memory.open[group.name] ?? (group.open && (!narrow || chosenHere));
  details.ontoggle = () => (memory.open[group.name] = details.open);
  const summary = element("summary");
  const mark = element("span", "mark");
  if (group.axis) mark.style.background = `var(--${group.axis})`;
  summary.append(mark, element("span", "title", group.title));
  const chosen = group.values.filter((value) => value.chosen).length;
  if (chosen) {
    const clear = element("button", "clear", `${chosen} chosen ×`);
    clear.type = "button";
    clear.title = "Clear " + group.title;
    clear.onclick = (event) => {
      event.preventDefault();
      send({ facet: group.name, value: "", act: "clear" });
    };
    summary.append(clear);
  }
  const list = element("div", "list");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", group.title);
  const most = Math.max(0, ...group.values.map((value) => value.count));
  const rows = group.values.map((value) => row(group, value, most, send));
  list.append(...rows);
  details.append(summary);
  if (rows.length > LONG) details.append(search(group, rows, memory));
  details.append(list);
  return details;
}

function search(group, rows, memory) {
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
  return box;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".facets");
  if (!root) {
    root = element("div", "facets");
    root.memory = { open: {}, search: {} };
    parentElement.append(root);
  }
  const focused = parentElement.activeElement?.dataset?.id;
  const tops = [...root.querySelectorAll(".list")].map((list) => list.scrollTop);
  const send = (sent) => setTriggerValue("filter", sent);
  root.replaceChildren(...data.groups.map((group) => section(group, root.memory, send)));
  root.querySelectorAll(".list").forEach((list, i) => (list.scrollTop = tops[i] ?? 0));
  if (focused) [...root.querySelectorAll("[data-id]")].find((e) => e.dataset.id === focused)?.focus();
}
