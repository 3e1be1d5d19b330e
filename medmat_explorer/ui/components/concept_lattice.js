// All concepts of a collection in layers. Positions come from Python, for several widths; here the widest that fits is
// stretched to the room there is, and can be zoomed and moved. All text goes in through textContent.

const SVG = "http://www.w3.org/2000/svg";
const MOST_ZOOM = 4, STEP = 1.25;
const STILL = 4; // pixels that a finger may move and still press
const FEW = 6; // subsets that the line below can name in full

function shape(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function button(className, text, title, act) {
  const element = make("button", className, text);
  element.type = "button";
  if (title) {
    element.title = title;
    element.setAttribute("aria-label", title);
  }
  element.addEventListener("click", act);
  return element;
}

export default mounted(build, draw);

function build(parent) {
  const root = make("div", "concepts");
  const picture = { root, parent, pointers: new Map(), zoom: 1, matches: [], match: -1, query: "" };
  const canvas = make("div", "canvas");
  const svg = shape("svg", { role: "group" });
  const scene = shape("g", { class: "scene" });
  svg.append(scene);
  canvas.append(svg);
  const line = make("div", "line");
  const legend = make("div", "legend");
  root.append(buildTools(picture), canvas, line, legend);
  parent.append(root);
  Object.assign(picture, { canvas, svg, scene, line, legend });
  picture.observer = new ResizeObserver(() => picture.data && resize(picture));
  picture.observer.observe(canvas);
  canvas.addEventListener("keydown", (event) => onKey(picture, event));
  for (const name of ["pointerover", "pointerleave", "focusin", "focusout"]) {
    canvas.addEventListener(name, (event) => look(picture, event));
  }
  line.addEventListener("keydown", (event) => walkLine(picture, event));
  canvas.addEventListener("click", (event) => onClick(picture, event));
  canvas.addEventListener("dblclick", (event) => makeTarget(picture, numberOf(event.target)));
  addMoves(picture);
  return picture;
}

function buildTools(picture) {
  const tools = make("div", "tools");
  const field = make("input");
  Object.assign(field, { type: "search", placeholder: "Find a subset, element or task", autocomplete: "off" });
  field.setAttribute("aria-label", "Find a subset, element or task. Enter goes to the next one found.");
  field.addEventListener("input", () => search(picture, field.value));
  field.addEventListener("keydown", (event) => onSearchKey(picture, event));
  const found = make("span", "found");
  found.setAttribute("role", "status");
  const zoom = make("span", "zoom");
  zoom.append(
    button("", "−", "Zoom out", () => zoomBy(picture, 1 / STEP)),
    button("", "+", "Zoom in", () => zoomBy(picture, STEP)),
    button("", "Fit", "Show the whole picture", () => fit(picture)),
  );
  tools.append(field, found, zoom);
  Object.assign(picture, { field, found });
  return tools;
}

// ---- drawing -------------------------------------------------------------------------------------------------------

function draw(picture, data) {
  const before = picture.data;
  picture.data = data;
  const drawn = JSON.stringify([data.nodes, data.notes, data.layouts.map((l) => l.width)]);
  const held = picture.parent.activeElement?.dataset?.key;
  picture.svg.setAttribute("aria-label", data.label);
  if (drawn !== picture.drawn) {
    picture.drawn = drawn;
    picture.layout = undefined;
    picture.pinned = picture.hovered = picture.focused = undefined;
    buildScene(picture);
    resize(picture);
    drawLegend(picture);
    search(picture, picture.query);
  }
  mark(picture);
  if (!stopOf(picture, picture.current)) picture.current = undefined;
  if (!picture.current || before?.target !== data.target) setCurrent(picture, home(picture));
  if (before?.target !== data.target) {
    picture.pinned = undefined;
    if (!before) centre(picture);
    else show(picture, placeOf(picture, home(picture)));
  }
  light(picture);
  if (held && picture.parent.activeElement?.dataset?.key !== held) stopOf(picture, held)?.focus({ preventScroll: true });
}

function buildScene(picture) {
  const { data } = picture;
  const edges = shape("g", { class: "edges" });
  const nodes = shape("g", { class: "nodes" });
  picture.edges = data.layouts[0].edges.map(([upper, lower, axis]) => {
    const path = shape("path", { class: lower === data.bottom ? "edge floor" : "edge" });
    if (axis) path.style.stroke = `var(--${axis})`;
    edges.append(path);
    return { upper, lower, path };
  });
  picture.below = data.nodes.map(() => []);
  data.nodes.forEach((node, place) => node.above.forEach((upper) => picture.below[upper].push(place)));
  picture.stops = new Map();
  picture.nodes = data.nodes.map((node, place) => buildNode(picture, node, place, nodes));
  picture.scene.replaceChildren(edges, nodes);
}

function buildNode(picture, node, place, parent) {
  const group = shape("g", { class: node.disc ? "concept disc" : "concept" });
  group.dataset.place = place;
  if (node.disc) group.append(buildDisc(picture, node, place));
  for (const [number, text, ...box] of node.chips) group.append(buildChip(picture, place, number, text, box));
  for (const [axis, text, x, y] of node.lines) {
    const words = shape("text", { class: "words", x, y });
    const letter = shape("tspan", { class: "letter" }, axis[0].toUpperCase());
    letter.style.setProperty("--axis", `var(--${axis})`);
    words.append(letter, shape("tspan", { x: x + 12 }, text));
    group.append(words);
  }
  group.prepend(shape("title", {}, `${node.title} (${node.shared})`));
  parent.append(group);
  return group;
}

function buildDisc(picture, node, place) {
  const stop = shape("g", { class: "stop", role: "button", tabindex: -1, "aria-label": node.label });
  const [, , radius] = picture.data.layouts[0].spots[place];
  stop.append(
    shape("circle", { class: "reach", r: Math.max(14, radius) }),
    shape("circle", { class: "halo", r: radius + 4 }),
    shape("circle", { class: "plate", r: radius }),
  );
  for (const [axis, d] of node.ring) {
    const arc = shape("path", { class: "arc", d });
    if (axis) arc.style.stroke = `var(--${axis})`;
    stop.append(arc);
  }
  stop.append(shape("text", { class: "count", y: 4 }, node.count));
  return keep(picture, stop, `concept:${place}`);
}

function buildChip(picture, place, number, text, [x, y, width, height]) {
  const { title, meaning, state } = picture.data.notes[number] ?? {};
  const stop = shape("g", { class: number ? "stop chip" : "stop chip rest", role: "button", tabindex: -1 });
  stop.dataset.label = number ? `${title}, ${meaning}` : `${text} more: ${picture.data.nodes[place].label}`;
  stop.dataset.state = state ?? "";
  stop.setAttribute("aria-label", stop.dataset.label);
  if (number) stop.dataset.number = number;
  stop.append(
    shape("rect", { class: "halo", x: x - 3, y: y - 3, width: width + 6, height: height + 6, rx: 8 }),
    shape("rect", { class: "plate", x, y, width, height, rx: 5 }),
    shape("text", { class: "count", x: x + width / 2, y: 4.5 }, text),
    shape("title", {}, number ? `${title} (${meaning})` : stop.dataset.label),
  );
  return keep(picture, stop, number ? `subset:${number}` : `concept:${place}`);
}

function keep(picture, stop, key) {
  stop.dataset.key = key;
  picture.stops.set(key, stop);
  return stop;
}

// What changes without a new picture: the target, the chosen subset.
function mark(picture) {
  const { target, selected } = picture.data;
  for (const stop of picture.stops.values()) {
    const { number } = stop.dataset;
    if (!number) continue;
    stop.classList.toggle("target", number === target);
    stop.setAttribute("aria-pressed", String(number === selected));
    stop.setAttribute("aria-label", number === target ? `${stop.dataset.label}, the target` : stop.dataset.label);
    if (number === target) stop.setAttribute("aria-current", "true");
    else stop.removeAttribute("aria-current");
  }
}

function drawLegend(picture) {
  const { letters, states, help } = picture.data;
  const entries = letters.map(([letter, axis]) => {
    const entry = make("span");
    const sign = make("span", "letter", letter);
    sign.style.setProperty("--axis", `var(--${axis})`);
    entry.append(sign, make("span", "", axis));
    return entry;
  });
  const disc = make("span");
  disc.append(make("span", "round", "6"), make("span", "", "so many subsets share what stands above"));
  entries.push(disc);
  for (const [state, meaning] of states) {
    const entry = make("span");
    const box = make("span", "box", "28");
    box.dataset.state = state;
    entry.append(box, make("span", "", meaning));
    entries.push(entry);
  }
  picture.legend.replaceChildren(...entries, ...help.map((words) => make("span", "", words)));
}

// ---- room, zoom, moving ----------------------------------------------------------------------------------------------

function resize(picture) {
  const room = picture.canvas.clientWidth;
  if (!room) return;
  const { layouts } = picture.data;
  const fitting = layouts.filter((l) => l.width <= room);
  const layout = fitting.length ? fitting[fitting.length - 1] : layouts[0];
  const first = !picture.layout;
  const changed = layout !== picture.layout;
  Object.assign(picture, { layout, room, base: Math.max(1, room / layout.width) });
  picture.least = Math.min(1, room / layout.width);
  picture.height = Math.ceil(layout.height * picture.base);
  picture.canvas.style.height = `${picture.height}px`;
  if (changed) placeAll(picture);
  if (changed && !first) picture.zoom = 1;
  if (first || changed) centre(picture);
  else moveTo(picture, picture.x, picture.y);
}

function placeAll(picture) {
  const { spots, edges } = picture.layout;
  picture.nodes.forEach((group, place) => group.setAttribute("transform", `translate(${spots[place][0]} ${spots[place][1]})`));
  edges.forEach(([, , , d], index) => picture.edges[index].path.setAttribute("d", d));
}

const scale = (picture) => picture.base * picture.zoom;

// Moves the picture, but never further than its own edges.
function moveTo(picture, x, y) {
  const k = scale(picture);
  const held = (at, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at)));
  picture.x = held(x, picture.layout.width * k, picture.room);
  picture.y = held(y, picture.layout.height * k, picture.height);
  picture.scene.setAttribute("transform", `translate(${picture.x} ${picture.y}) scale(${k})`);
  const tall = picture.layout.height * k > picture.height + 1;
  const wide = picture.layout.width * k > picture.room + 1;
  picture.canvas.style.touchAction = tall ? "none" : wide ? "pan-y" : "manipulation";
  picture.canvas.classList.toggle("movable", tall || wide);
}

function zoomBy(picture, factor, x = picture.room / 2, y = picture.height / 2) {
  if (!picture.layout) return;
  const before = scale(picture);
  picture.zoom = Math.min(MOST_ZOOM, Math.max(picture.least, picture.zoom * factor));
  const grown = scale(picture) / before;
  moveTo(picture, x - (x - picture.x) * grown, y - (y - picture.y) * grown);
}

function fit(picture) {
  picture.zoom = picture.least;
  if (picture.layout) moveTo(picture, 0, 0);
}

// In a window narrower than the picture the target stands in the middle at first.
function centre(picture) {
  if (!picture.layout) return;
  const place = placeOf(picture, home(picture));
  const [x, y] = picture.layout.spots[place ?? 0];
  moveTo(picture, picture.room / 2 - x * scale(picture), picture.height / 2 - y * scale(picture));
}

// Moves as little as brings a concept into sight.
function show(picture, place) {
  if (place === undefined || !picture.layout) return;
  const k = scale(picture), margin = 60;
  const [x, y] = picture.layout.spots[place];
  const into = (at, from, room) => {
    const now = from + at * k;
    const edge = Math.min(margin, room / 3);
    return now < edge ? from + edge - now : now > room - edge ? from + room - edge - now : from;
  };
  moveTo(picture, into(x, picture.x, picture.room), into(y, picture.y, picture.height));
}

function addMoves(picture) {
  const { canvas, pointers } = picture;
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoomBy(picture, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) picture.moved = false;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, startX: event.clientX, startY: event.clientY });
  });
  canvas.addEventListener("pointermove", (event) => drag(picture, event));
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      if (!pointers.size) canvas.classList.remove("moving");
    });
  }
}

function drag(picture, event) {
  const { canvas, pointers } = picture;
  const pointer = pointers.get(event.pointerId);
  if (!pointer) return;
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
  const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
  if (!picture.moved && Math.hypot(event.clientX - pointer.startX, event.clientY - pointer.startY) < STILL) return;
  if (!picture.moved) {
    picture.moved = true;
    canvas.classList.add("moving");
    canvas.setPointerCapture(event.pointerId);
  }
  if (others.length) {
    const box = canvas.getBoundingClientRect();
    const apart = (a) => Math.hypot(a.x - others[0].x, a.y - others[0].y) || 1;
    const factor = apart({ x: event.clientX, y: event.clientY }) / apart(pointer);
    zoomBy(picture, factor, (event.clientX + others[0].x) / 2 - box.left, (event.clientY + others[0].y) / 2 - box.top);
  } else moveTo(picture, picture.x + dx, picture.y + dy);
  Object.assign(pointer, { x: event.clientX, y: event.clientY });
}

// ---- what is lit -------------------------------------------------------------------------------------------------------

function look(picture, event) {
  if (event.type === "pointerover") picture.hovered = event.pointerType === "touch" || picture.pointers.size ? undefined : placeAt(event.target);
  if (event.type === "pointerleave") picture.hovered = undefined;
  if (event.type === "focusin") {
    const { key } = event.target.dataset;
    const byKeyboard = event.target.matches(":focus-visible");
    picture.focused = byKeyboard ? placeAt(event.target) : undefined;
    if (byKeyboard) {
      picture.hovered = undefined;
      show(picture, picture.focused);
    }
    if (key) setCurrent(picture, key);
  }
  if (event.type === "focusout") picture.focused = undefined;
  light(picture);
}

function placeAt(element) {
  const place = element.closest?.(".concept")?.dataset.place;
  return place === undefined ? undefined : Number(place);
}

function cone(picture, from) {
  const reach = (next) => {
    const found = new Set([from]), waiting = [from];
    while (waiting.length) {
      for (const other of next(waiting.pop())) {
        if (!found.has(other)) {
          found.add(other);
          waiting.push(other);
        }
      }
    }
    return found;
  };
  const up = reach((place) => picture.data.nodes[place].above);
  return new Set([...up, ...reach((place) => picture.below[place])]);
}

function light(picture) {
  if (!picture.nodes) return;
  const { hovered, focused, pinned, matches, match, query } = picture;
  const from = hovered ?? focused ?? (query ? matches[match] : pinned);
  const searching = Boolean(query) && hovered === undefined && focused === undefined;
  const lit = from !== undefined ? cone(picture, from) : new Set(query ? [] : picture.data.lit);
  const found = new Set(matches);
  picture.canvas.classList.toggle("held", from !== undefined || searching);
  picture.nodes.forEach((group, place) => {
    group.classList.toggle("on", lit.has(place) || (Boolean(query) && found.has(place)));
    group.classList.toggle("from", place === from);
    group.classList.toggle("match", Boolean(query) && found.has(place));
    if (picture.data.nodes[place].disc) group.querySelector(".stop").setAttribute("aria-pressed", String(place === pinned));
  });
  for (const { upper, lower, path } of picture.edges) {
    const on = lit.has(upper) && lit.has(lower);
    if (on !== path.classList.contains("on")) {
      path.classList.toggle("on", on);
      if (on) path.parentNode.append(path);
    }
  }
  tell(picture, from ?? placeOf(picture, home(picture)) ?? 0);
}

// The line below the picture: everything about one concept.
function tell(picture, place) {
  const { nodes, target, selected } = picture.data;
  const told = [place, picture.drawn.length, target, selected].join();
  const within = picture.line.contains(picture.parent.activeElement) && picture.parent.activeElement;
  if (told === picture.told || (within && place !== picture.toldPlace)) return;
  Object.assign(picture, { told, toldPlace: place });
  const node = nodes[place];
  const head = make("div", "head");
  for (const [axis, name] of node.elements) {
    const word = make("span", "element");
    const letter = make("span", "letter", axis[0].toUpperCase());
    letter.style.setProperty("--axis", `var(--${axis})`);
    word.append(letter, make("span", "", name));
    head.append(word);
  }
  if (!node.elements.length) head.append(make("span", "element", node.title));
  head.append(make("span", "shared", node.shared));
  if (node.href) {
    const link = make("a", "", `Browse ${node.items}`);
    link.href = node.href;
    head.append(link);
  } else if (node.subsets.length) head.append(make("span", "shared", "no items here"));
  const list = make("div", "list");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", `Subsets with ${node.title}`);
  const few = node.subsets.length <= FEW;
  node.subsets.forEach((number, index) => list.append(lineChip(picture, number, index, few)));
  const more = Number(node.shared.replace(/\D/g, "")) - node.subsets.length;
  if (more > 0) list.append(make("span", "shared", `and ${more.toLocaleString("en")} more`));
  const held = within && within.dataset.number;
  picture.line.replaceChildren(head, list);
  if (held) list.querySelector(`[data-number="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

function lineChip(picture, number, index, long) {
  const { title, meaning, state } = picture.data.notes[number];
  const { target, selected } = picture.data;
  const chip = button("box", long ? title : number, "", (event) => {
    if (event.detail < 2) choose(picture, number);
  });
  chip.addEventListener("dblclick", () => makeTarget(picture, number));
  chip.title = `${title} (${meaning})`;
  chip.setAttribute("aria-label", `${title}, ${meaning}${number === target ? ", the target" : ""}`);
  chip.setAttribute("aria-pressed", String(number === selected));
  chip.classList.toggle("target", number === target);
  chip.dataset.state = state;
  chip.dataset.number = number;
  chip.tabIndex = index ? -1 : 0;
  return chip;
}

// ---- choosing ------------------------------------------------------------------------------------------------------------

const numberOf = (element) => element.closest?.("[data-number]")?.dataset.number;

function choose(picture, number) {
  if (number) picture.component.setTriggerValue("select", { number });
}

function makeTarget(picture, number) {
  if (number && number !== picture.data.target) picture.component.setTriggerValue("target", { number });
}

function onClick(picture, event) {
  if (picture.moved || event.detail > 1) return;
  const place = placeAt(event.target);
  const stop = event.target.closest?.(".stop");
  if (stop) setCurrent(picture, stop.dataset.key);
  picture.pinned = place !== undefined && (numberOf(event.target) || picture.pinned !== place) ? place : undefined;
  light(picture);
  choose(picture, numberOf(event.target));
}

// ---- keyboard: the picture is one stop in the page's tab order, arrows walk along the order --------------------------------

const stopOf = (picture, key) => picture.stops?.get(key);

function placeOf(picture, key) {
  const stop = stopOf(picture, key);
  return stop ? placeAt(stop) : undefined;
}

function home(picture) {
  const own = `subset:${picture.data.target}`;
  if (stopOf(picture, own)) return own;
  const holder = picture.data.nodes.findIndex((node) => node.chips.length && node.subsets.includes(picture.data.target));
  if (holder >= 0) return stopKeys(picture, holder).at(-1);
  const { lit, bottom } = picture.data;
  return stopKeys(picture, lit.filter((place) => place !== bottom).at(-1) ?? 0)[0];
}

const stopKeys = (picture, place) => [...picture.nodes[place].querySelectorAll(".stop")].map((stop) => stop.dataset.key);

function setCurrent(picture, key) {
  for (const stop of picture.stops.values()) stop.setAttribute("tabindex", -1);
  picture.current = key;
  stopOf(picture, key)?.setAttribute("tabindex", 0);
}

function onKey(picture, event) {
  const stop = event.target.closest?.(".stop");
  if (!stop || event.altKey || event.ctrlKey || event.metaKey) return;
  const { key, number } = stop.dataset;
  if (event.key === "Enter" && event.shiftKey) makeTarget(picture, number);
  else if (event.key === "Enter" || event.key === " ") {
    if (number) choose(picture, number);
    else picture.pinned = picture.pinned === placeAt(stop) ? undefined : placeAt(stop);
  } else if (event.key === "Escape") {
    picture.pinned = picture.focused = undefined;
    light(picture);
  } else if (event.key === "Home") go(picture, home(picture));
  else if (event.key === "+" || event.key === "=") zoomAround(picture, STEP);
  else if (event.key === "-") zoomAround(picture, 1 / STEP);
  else if (event.key === "0") fit(picture);
  else if (event.key.startsWith("Arrow")) go(picture, next(picture, key, event.key));
  else return;
  event.preventDefault();
}

function zoomAround(picture, factor) {
  const [x, y] = picture.layout.spots[placeOf(picture, picture.current) ?? 0];
  zoomBy(picture, factor, picture.x + x * scale(picture), picture.y + y * scale(picture));
}

function go(picture, key) {
  if (!key) return;
  show(picture, placeOf(picture, key));
  stopOf(picture, key)?.focus({ preventScroll: true });
  stopOf(picture, key)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Up and down lead to the neighbour in the order that stands nearest; left and right to the next in the layer.
function next(picture, key, arrow) {
  const place = placeOf(picture, key);
  const { spots } = picture.layout;
  const away = (other) => Math.abs(spots[other][0] - spots[place][0]);
  if (arrow === "ArrowUp" || arrow === "ArrowDown") {
    const others = arrow === "ArrowUp" ? picture.data.nodes[place].above : picture.below[place];
    const nearest = [...others].sort((a, b) => away(a) - away(b))[0];
    return nearest === undefined ? undefined : stopKeys(picture, nearest)[0];
  }
  const line = layerOf(picture, place).flatMap((other) => stopKeys(picture, other));
  return line[line.indexOf(key) + (arrow === "ArrowRight" ? 1 : -1)];
}

function layerOf(picture, place) {
  const size = (other) => (other === picture.data.bottom ? Infinity : picture.data.nodes[other].elements.length);
  const { spots } = picture.layout;
  const same = picture.data.nodes.map((_, other) => other).filter((other) => size(other) === size(place));
  return same.sort((a, b) => spots[a][0] - spots[b][0]);
}

// The chips of the line are one stop too.
function walkLine(picture, event) {
  const { number } = event.target.dataset;
  if (!number) return;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === "Enter" && event.shiftKey) makeTarget(picture, number);
  else if (step) {
    const chips = [...picture.line.querySelectorAll("[data-number]")];
    const other = chips[chips.indexOf(event.target) + step];
    if (other) {
      event.target.tabIndex = -1;
      other.tabIndex = 0;
      other.focus();
    }
  } else return;
  event.preventDefault();
}

// ---- search ----------------------------------------------------------------------------------------------------------------

function search(picture, typed) {
  const query = typed.trim().toLowerCase();
  picture.query = query;
  picture.match = -1;
  picture.matches = query ? find(picture, query) : [];
  const many = picture.matches.length;
  picture.found.textContent = !query ? "" : many ? `${many} found` : "nothing found";
  light(picture);
}

function find(picture, query) {
  const found = new Set();
  for (const [number, text, place] of picture.data.finds) {
    const short = number.toLowerCase();
    const isNumber = /^[a-z]?\d+$/.test(query);
    if (isNumber ? short === query || short === query.padStart(2, "0") : text.includes(query)) found.add(place);
  }
  picture.data.nodes.forEach((node, place) => {
    if (node.own.some((name) => name.toLowerCase().includes(query))) found.add(place);
  });
  const { spots } = picture.layout ?? picture.data.layouts[0];
  return [...found].sort((a, b) => spots[a][1] - spots[b][1] || spots[a][0] - spots[b][0]);
}

function onSearchKey(picture, event) {
  if (event.key === "Escape") {
    picture.field.value = "";
    search(picture, "");
  } else if (event.key === "Enter" && picture.matches.length) {
    const many = picture.matches.length;
    picture.match = (picture.match + (event.shiftKey ? -1 : 1) + many + (picture.match < 0 && event.shiftKey ? 1 : 0)) % many;
    const place = picture.matches[picture.match];
    picture.found.textContent = `${picture.match + 1} of ${many}: ${picture.data.nodes[place].title}`;
    setCurrent(picture, stopKeys(picture, place)[0]);
    show(picture, place);
    light(picture);
  } else return;
  event.preventDefault();
}
