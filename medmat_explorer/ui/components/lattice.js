// The Boolean lattice of a target: eight nodes, twelve edges, subsets as chips. Positions come from Python, for several
// widths; here the widest that fits is stretched to the room there is. All text goes in through textContent.

const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default mounted(build, draw);

function build(parent) {
  const root = make("div", "lattice");
  const canvas = make("div", "canvas");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  canvas.setAttribute("role", "group");
  canvas.append(svg);
  const legend = make("div", "legend");
  const said = make("div", "said");
  said.setAttribute("role", "status");
  const bar = make("div", "bar");
  root.append(canvas, bar, legend, said);
  parent.append(root);
  const picture = { root, canvas, svg, bar, legend, said, parent, nodes: new Map(), chips: new Map(), edges: new Map() };
  picture.places = new Map();
  picture.observer = new ResizeObserver(() => picture.data && place(picture, false));
  picture.observer.observe(canvas);
  canvas.addEventListener("keydown", (event) => onKey(picture, event));
  for (const name of ["pointerover", "pointerleave", "focusin", "focusout"]) {
    canvas.addEventListener(name, (event) => light(picture, event));
  }
  return picture;
}

// ---- drawing -------------------------------------------------------------------------------------------------------

function draw(picture, data) {
  const before = picture.data;
  picture.data = data;
  picture.canvas.setAttribute("aria-label", data.label);
  const held = picture.parent.activeElement?.dataset?.key;
  for (const node of data.nodes) drawNode(picture, node);
  for (const [upper, lower, axis] of data.edges) drawEdge(picture, upper, lower, axis);
  drawChips(picture, data);
  drawBar(picture, data);
  drawLegend(picture, data);
  const changed = before && standing(before) !== standing(data);
  place(picture, changed);
  if (changed) picture.said.textContent = data.label;
  if (!picture.current || !keyed(picture, picture.current)) picture.current = `chip:${data.target}`;
  setCurrent(picture, picture.current);
  if (held && picture.parent.activeElement?.dataset?.key !== held) keyed(picture, held)?.focus();
}

// Which chip stands on which node: chips glide only when that changes.
function standing(data) {
  return data.chips.map(({ number, node }) => `${number}:${node}`).join();
}

function drawNode(picture, node) {
  let parts = picture.nodes.get(node.id);
  if (!parts) {
    const box = make("div", "node");
    const head = make("button", "head");
    head.type = "button";
    head.dataset.key = `node:${node.id}`;
    head.tabIndex = -1;
    head.append(make("span", "badges"), make("span", "title"), make("span", "count"), make("span", "values"));
    head.addEventListener("click", () => pin(picture, node.id));
    box.setAttribute("role", "group");
    box.append(head);
    picture.canvas.append(box);
    parts = { box, head };
    picture.nodes.set(node.id, parts);
    for (const [letter, axis] of node.badges) {
      const badge = make("span", "badge", letter);
      badge.style.setProperty("--axis", `var(--${axis})`);
      head.firstChild.append(badge);
    }
  }
  const [, title, count, values] = parts.head.children;
  title.textContent = node.title;
  count.textContent = node.count;
  values.textContent = node.values;
  parts.head.title = node.label;
  parts.head.setAttribute("aria-label", node.label);
  parts.box.setAttribute("aria-label", node.label);
  parts.box.classList.toggle("empty", node.empty);
}

function drawEdge(picture, upper, lower, axis) {
  const key = `${upper}-${lower}`;
  if (picture.edges.has(key)) return;
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", "edge");
  path.style.stroke = `var(--${axis})`;
  picture.svg.append(path);
  picture.edges.set(key, path);
}

function drawChips(picture, data) {
  const gone = new Set(picture.chips.keys());
  for (const chip of data.chips) {
    gone.delete(chip.number);
    let button = picture.chips.get(chip.number);
    if (!button) {
      button = makeChip(picture, chip.number);
      picture.chips.set(chip.number, button);
    }
    fillChip(button, chip, data);
    picture.nodes.get(chip.node).box.append(button);
  }
  for (const number of gone) {
    picture.chips.get(number).remove();
    picture.chips.delete(number);
    picture.places.delete(`chip:${number}`);
  }
}

function makeChip(picture, number) {
  const button = make("button", "chip");
  button.type = "button";
  button.dataset.key = `chip:${number}`;
  if (!number) return button;
  button.addEventListener("click", (event) => {
    setCurrent(picture, button.dataset.key);
    if (event.detail < 2) picture.component.setTriggerValue("select", { number });
  });
  button.addEventListener("dblclick", () => makeTarget(picture, number));
  return button;
}

function makeTarget(picture, number) {
  if (number && number !== picture.data.target) picture.component.setTriggerValue("target", { number });
}

function fillChip(button, chip, data) {
  const isTarget = chip.number === data.target;
  button.className = isTarget ? (chip.number ? "chip target" : "chip target loose") : "chip";
  button.dataset.state = chip.state;
  button.title = chip.title;
  button.setAttribute("aria-label", chip.label);
  button.setAttribute("aria-pressed", String(chip.number !== "" && chip.number === data.selected));
  if (isTarget) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  const words = make("span", "words");
  for (const [axis, text] of chip.elements) {
    const word = make("span", "word", text);
    word.style.setProperty("--axis", `var(--${axis})`);
    words.append(word);
  }
  const sign = make("span", "sign");
  sign.dataset.state = chip.state;
  const parts = [make("span", "number", chip.number), words, sign];
  if (chip.mark) parts.splice(1, 0, make("span", "mark", chip.mark));
  if (isTarget) parts.unshift(make("span", "tag", "target"));
  button.replaceChildren(...parts);
}

// In narrow pictures only: the chosen subset stays in sight at the window's lower side, for a finger to make it the target.
function drawBar(picture, data) {
  const chip = data.chips.find(({ number }) => number && number === data.selected && number !== data.target);
  picture.bar.hidden = !chip;
  if (!chip) return;
  const button = make("button", "", "Make it the target");
  button.type = "button";
  button.addEventListener("click", () => makeTarget(picture, chip.number));
  picture.bar.replaceChildren(make("span", "", chip.name), button);
}

function drawLegend(picture, data) {
  picture.legend.replaceChildren();
  for (const [letter, axis] of data.letters) {
    const entry = make("span");
    const badge = make("span", "badge", letter);
    badge.style.setProperty("--axis", `var(--${axis})`);
    entry.append(badge, make("span", "", axis));
    picture.legend.append(entry);
  }
  picture.legend.append(make("span", "", "an edge drops the element of its colour"));
  for (const [state, meaning] of data.states) {
    const entry = make("span");
    const sign = make("span", "sign");
    sign.dataset.state = state;
    entry.append(sign, make("span", "", meaning));
    picture.legend.append(entry);
  }
  for (const [mark, meaning] of data.marks) {
    const entry = make("span");
    entry.append(make("span", "mark", mark), make("span", "", meaning));
    picture.legend.append(entry);
  }
  picture.legend.append(make("span", "", data.help));
}

function place(picture, animate) {
  const room = picture.canvas.clientWidth;
  if (!room) return;
  const fitting = picture.data.layouts.filter((l) => l.width <= room);
  const layout = fitting.length ? fitting[fitting.length - 1] : picture.data.layouts[0];
  const stretch = room / layout.width;
  const still = !animate || matchMedia("(prefers-reduced-motion: reduce)").matches;
  picture.canvas.style.height = `${layout.height}px`;
  picture.svg.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
  const put = (element, key, [x, y, w, h], origin) => {
    const from = picture.places.get(key);
    const now = [x * stretch, y, w * stretch, h];
    picture.places.set(key, now);
    element.style.left = `${now[0] - origin[0]}px`;
    element.style.top = `${now[1] - origin[1]}px`;
    element.style.width = `${now[2]}px`;
    element.style.height = `${h}px`;
    if (!still && from && (Math.abs(from[0] - now[0]) > 1 || Math.abs(from[1] - now[1]) > 1)) {
      const move = `translate(${from[0] - now[0]}px, ${from[1] - now[1]}px)`;
      element.animate([{ transform: move }, { transform: "none" }], { duration: 340, easing: "ease-in-out" });
    }
  };
  for (const [id, box] of layout.nodes) put(picture.nodes.get(id).box, `node:${id}`, box, [0, 0]);
  picture.data.chips.forEach((chip, index) => {
    const [x, y] = picture.places.get(`node:${chip.node}`);
    put(picture.chips.get(chip.number), `chip:${chip.number}`, layout.chips[index], [x + 1, y + 1]);
  });
  picture.data.edges.forEach(([upper, lower], index) => {
    picture.edges.get(`${upper}-${lower}`).setAttribute("d", layout.paths[index]);
  });
}

// ---- the cone of a node: everything above and below that it can be compared with --------------------------------------

function light(picture, event) {
  if (event.type === "pointerover") picture.hovered = nodeOf(picture, event.target);
  if (event.type === "pointerleave") picture.hovered = undefined;
  if (event.type === "focusin") {
    const byKeyboard = event.target.matches(":focus-visible");
    picture.focused = byKeyboard ? nodeOf(picture, event.target) : undefined;
    if (byKeyboard) picture.hovered = undefined;
    if (event.target.dataset.key) setCurrent(picture, event.target.dataset.key);
  }
  if (event.type === "focusout") picture.focused = undefined;
  showCone(picture);
}

function pin(picture, id) {
  picture.pinned = picture.pinned === id ? undefined : id;
  showCone(picture);
}

function nodeOf(picture, element) {
  const box = element.closest?.(".node");
  for (const [id, parts] of picture.nodes) if (parts.box === box) return id;
  return undefined;
}

function showCone(picture) {
  const from = picture.hovered ?? picture.focused ?? picture.pinned;
  picture.canvas.classList.toggle("lit", from !== undefined);
  const above = (id) => (id & from) === from;
  const below = (id) => (id & from) === id;
  for (const [id, { box, head }] of picture.nodes) {
    box.classList.toggle("on", from !== undefined && (above(id) || below(id)));
    box.classList.toggle("from", id === from);
    head.setAttribute("aria-pressed", String(id === picture.pinned));
  }
  for (const [key, path] of picture.edges) {
    const [upper, lower] = key.split("-").map(Number);
    const on = (above(upper) && above(lower)) || (below(upper) && below(lower));
    path.classList.toggle("on", from !== undefined && on);
  }
}

// ---- keyboard: one stop in the page's tab order, arrows move inside -----------------------------------------------------

function keyed(picture, key) {
  const [kind, name] = key.split(":");
  return kind === "chip" ? picture.chips.get(name) : picture.nodes.get(Number(name))?.head;
}

function setCurrent(picture, key) {
  for (const button of picture.chips.values()) button.tabIndex = -1;
  for (const { head } of picture.nodes.values()) head.tabIndex = -1;
  picture.current = key;
  const element = keyed(picture, key);
  if (element) element.tabIndex = 0;
}

function onKey(picture, event) {
  const key = event.target.dataset?.key;
  if (!key || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && key.startsWith("chip:")) makeTarget(picture, key.slice(5));
  else if (event.key === "Escape") {
    picture.pinned = picture.focused = undefined;
    showCone(picture);
  } else if (event.key === "Home") keyed(picture, `chip:${picture.data.target}`)?.focus();
  else if (ARROWS[event.key]) nearest(picture, key, ARROWS[event.key])?.focus();
  else return;
  event.preventDefault();
}

// The nearest chip or node heading in that direction; what lies straight ahead comes before what is only close.
function nearest(picture, key, [dx, dy]) {
  const spots = new Map([...picture.places].map(([k, [x, y, w, h]]) => [k, k.startsWith("node:") ? [x, y, w, 38] : [x, y, w, h]]));
  const [x, y, w, h] = spots.get(key);
  let best, least = Infinity;
  for (const [other, [ox, oy, ow, oh]] of spots) {
    if (other === key) continue;
    const gapX = dx > 0 ? ox - (x + w) : dx < 0 ? x - (ox + ow) : Math.max(0, ox - (x + w), x - (ox + ow));
    const gapY = dy > 0 ? oy - (y + h) : dy < 0 ? y - (oy + oh) : Math.max(0, oy - (y + h), y - (oy + oh));
    const ahead = dx ? gapX : gapY;
    if (ahead < -1) continue;
    const aside = dx ? gapY : gapX;
    const off = dx ? Math.abs(oy + oh / 2 - y - h / 2) : Math.abs(ox + ow / 2 - x - w / 2);
    const cost = ahead + 3 * aside + 0.2 * off;
    if (cost < least) [best, least] = [other, cost];
  }
  return best && keyed(picture, best);
}
