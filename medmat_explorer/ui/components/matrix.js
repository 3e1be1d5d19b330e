// Rows and columns with marks in their cells. Positions come from Python for several widths; the widest that fits is
// taken, and what fits nowhere is scrolled under heads that stay in sight. All text goes in through textContent.

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default mounted(build, draw);

function build(parent) {
  const root = make("div", "matrix");
  const scroller = make("div", "scroller");
  const grid = make("div", "grid");
  grid.setAttribute("role", "grid");
  const said = make("div", "said");
  said.setAttribute("aria-hidden", "true");
  const legend = make("div", "legend");
  scroller.append(grid);
  root.append(scroller, said, legend);
  parent.append(root);
  const picture = { root, scroller, grid, said, legend, parent };
  picture.observer = new ResizeObserver(() => picture.data && place(picture));
  picture.observer.observe(root);
  grid.addEventListener("keydown", (event) => onKey(picture, event));
  grid.addEventListener("click", (event) => open(picture, event.target.closest(".cell")));
  for (const name of ["pointerover", "pointerleave", "focusin", "focusout"]) {
    grid.addEventListener(name, (event) => light(picture, event));
  }
  return picture;
}

// ---- drawing -------------------------------------------------------------------------------------------------------

function draw(picture, data) {
  const held = picture.parent.activeElement?.dataset?.at;
  const shown = picture.data && JSON.stringify({ ...picture.data, selected: null });
  const changed = shown !== JSON.stringify({ ...data, selected: null });
  picture.data = data;
  if (changed) {
    picture.grid.setAttribute("aria-label", data.label);
    picture.grid.setAttribute("aria-rowcount", data.rows.length + 1);
    picture.grid.setAttribute("aria-colcount", data.columns.length + 1);
    picture.root.style.setProperty("--down", data.axes[0] ? `var(--${data.axes[0]})` : "var(--st-primary-color)");
    picture.root.style.setProperty("--across", data.axes[1] ? `var(--${data.axes[1]})` : "var(--st-primary-color)");
    fill(picture, data);
    drawLegend(picture, data);
    picture.laid = undefined;
    place(picture);
  }
  select(picture, data.selected);
  say(picture, picture.lit);
  if (held && picture.parent.activeElement?.dataset?.at !== held) picture.cells.get(held)?.focus({ preventScroll: true });
}

function fill(picture, data) {
  const faces = new Map(data.cells.map((cell, index) => [cell.at.join(), { ...cell, index }]));
  const heads = make("div", "line");
  heads.setAttribute("role", "row");
  heads.append(make("div", "corner"), ...data.columns.map((column, c) => put(head(column, "columnheader"), 1, c + 2)));
  picture.cells = new Map();
  const lines = data.rows.map((row, r) => {
    const line = make("div", "line");
    line.setAttribute("role", "row");
    line.append(put(head(row, "rowheader"), r + 2, 1));
    data.columns.forEach((column, c) => {
      const element = put(cell(faces.get(`${r},${c}`), row, column, data.empty), r + 2, c + 2);
      element.dataset.at = `${r},${c}`;
      picture.cells.set(element.dataset.at, element);
      line.append(element);
    });
    return line;
  });
  picture.bands = [make("div", "band across"), make("div", "band down")];
  picture.grid.replaceChildren(heads, ...lines, ...picture.bands);
  const before = picture.current && picture.cells.has(picture.current) ? picture.current : undefined;
  setCurrent(picture, before ?? firstCell(data));
}

// Everything has its place by row and column: what has none would give way to the bands, which lie over the cells.
function put(element, row, column) {
  Object.assign(element.style, { gridRow: row, gridColumn: column });
  return element;
}

// The tab stop of a fresh picture: the chosen cell, else the target's, else the first that holds anything.
function firstCell(data) {
  const own = data.cells.find((cell) => cell.tones.split(" ").includes("own")) ?? data.cells[0];
  return (chosenPlace(data) ?? own?.at ?? [0, 0]).join();
}

function chosenPlace(data) {
  if (!data.selected) return undefined;
  const [row, column] = data.selected;
  const at = [data.rows.findIndex(({ key }) => key === row), data.columns.findIndex(({ key }) => key === column)];
  return at.includes(-1) ? undefined : at;
}

function head(face, role) {
  const element = make("div", `head ${role}`);
  element.setAttribute("role", role);
  element.setAttribute("aria-label", face.label);
  element.title = face.label;
  const badges = make("span", "badges");
  for (const [letter, axis, other] of face.badges) {
    const badge = make("span", other ? "badge other" : "badge", letter);
    badge.style.setProperty("--axis", `var(--${axis})`);
    badges.append(badge);
  }
  const words = make("span", "words");
  if (role === "rowheader" && face.number) words.append(make("span", "number", face.number), " ");
  words.append(make("span", "text", face.text));
  if (face.note) words.append(make("span", "note", face.note));
  element.append(badges, words);
  if (role === "columnheader" && face.number) element.append(make("span", "number", face.number));
  return element;
}

function cell(face, row, column, empty) {
  const element = make("button", `cell ${face ? face.tones : ""}`.trim());
  element.type = "button";
  element.tabIndex = -1;
  element.setAttribute("role", "gridcell");
  const label = face ? face.label : `${column.text} ${row.text}: ${empty}`;
  element.setAttribute("aria-label", label);
  for (const [text, tones] of face ? face.marks : []) element.append(make("span", `mark ${tones}`.trim(), text));
  return element;
}

function drawLegend(picture, data) {
  picture.legend.replaceChildren(
    ...data.legend.map(([text, tones, meaning]) => {
      const entry = make("span", "entry");
      entry.append(make("span", `mark ${tones}`.trim(), text), make("span", "", meaning));
      return entry;
    }),
  );
}

function select(picture, selected) {
  const at = chosenPlace(picture.data)?.join();
  for (const [key, element] of picture.cells) element.setAttribute("aria-selected", String(selected !== null && key === at));
}

// ---- sizes ---------------------------------------------------------------------------------------------------------

function place(picture) {
  const room = picture.root.clientWidth;
  if (!room) return;
  const { layouts, cells } = picture.data;
  const fitting = layouts.filter((layout) => layout.width <= room);
  const layout = fitting.length ? fitting.reduce((a, b) => (b.width >= a.width ? b : a)) : layouts[0];
  picture.scroller.classList.toggle("scrolls", layout.width > room);
  if (picture.laid === layout) return;
  picture.laid = layout;
  picture.grid.classList.toggle("turned", layout.turned);
  picture.grid.style.width = `${layout.width}px`;
  picture.grid.style.gridTemplateColumns = [layout.head[0], ...layout.columns].map((w) => `${w}px`).join(" ");
  picture.grid.style.gridTemplateRows = [layout.head[1], ...layout.rows].map((h) => `${h}px`).join(" ");
  cells.forEach(({ at }, index) => {
    const marks = picture.cells.get(at.join()).children;
    layout.marks[index].forEach(([x, y, w, h], i) => {
      Object.assign(marks[i].style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
    });
  });
  if (layout.width > room) reveal(picture, layout);
}

// A picture that has to be scrolled begins with the current cell in sight.
function reveal(picture, layout) {
  const column = Number(picture.current.split(",")[1]);
  const before = layout.columns.slice(0, column).reduce((sum, width) => sum + width, 0);
  const middle = (picture.scroller.clientWidth - layout.head[0] - layout.columns[column]) / 2;
  picture.scroller.scrollLeft = Math.max(0, before - middle);
}

// ---- the row and the column of the cell that is pointed at ------------------------------------------------------------

function light(picture, event) {
  const at = event.target.closest?.(".cell")?.dataset.at;
  if (event.type === "pointerover") picture.hovered = at;
  if (event.type === "pointerleave") picture.hovered = undefined;
  if (event.type === "focusin") {
    picture.focused = event.target.matches(":focus-visible") ? at : undefined;
    if (picture.focused) picture.hovered = undefined;
    if (at) setCurrent(picture, at);
  }
  if (event.type === "focusout") picture.focused = undefined;
  say(picture, picture.hovered ?? picture.focused);
}

function say(picture, at) {
  picture.lit = at;
  const element = at && picture.cells.get(at);
  const [help, scrollHelp] = picture.data.help;
  const scrolls = picture.scroller.classList.contains("scrolls");
  picture.said.textContent = element ? element.getAttribute("aria-label") : scrolls ? `${help} ${scrollHelp}` : help;
  const [row, column] = element ? at.split(",").map(Number) : [];
  const heads = picture.grid.querySelectorAll(".head");
  const columns = picture.data.columns.length;
  heads.forEach((part, i) => part.classList.toggle("lit", i === column || i === columns + row));
  for (const band of picture.bands) band.hidden = !element;
  if (!element) return;
  const [across, down] = picture.bands;
  Object.assign(across.style, { gridRow: row + 2, gridColumn: "2 / -1" });
  Object.assign(down.style, { gridColumn: column + 2, gridRow: "2 / -1" });
}

// ---- keyboard: one stop in the page's tab order, arrows move inside -----------------------------------------------------

function setCurrent(picture, at) {
  const before = picture.current && picture.cells.get(picture.current);
  if (before) before.tabIndex = -1;
  picture.current = at;
  const element = picture.cells.get(at);
  if (element) element.tabIndex = 0;
}

function open(picture, element) {
  if (!element) return;
  const [row, column] = element.dataset.at.split(",").map(Number);
  const { rows, columns } = picture.data;
  setCurrent(picture, element.dataset.at);
  picture.component.setTriggerValue("open", { row: rows[row].key, column: columns[column].key });
}

function onKey(picture, event) {
  const at = event.target.dataset?.at;
  if (!at || event.altKey || event.metaKey) return;
  const [row, column] = at.split(",").map(Number);
  const last = [picture.data.rows.length - 1, picture.data.columns.length - 1];
  const clamp = (value, most) => Math.max(0, Math.min(most, value));
  let to;
  if (ARROWS[event.key]) to = [clamp(row + ARROWS[event.key][0], last[0]), clamp(column + ARROWS[event.key][1], last[1])];
  else if (event.key === "Home") to = [event.ctrlKey ? 0 : row, 0];
  else if (event.key === "End") to = [event.ctrlKey ? last[0] : row, last[1]];
  else if (event.key === "Escape" && picture.data.selected) picture.component.setTriggerValue("close", { at });
  else return;
  event.preventDefault();
  if (to) picture.cells.get(to.join())?.focus();
}
