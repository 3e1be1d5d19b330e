// A picture to look into: zoom to the pixel, pan, window, invert, frames. The server sends the numbers once; shades are
// made here from a table, so that a window follows the pointer. Data reaches the page through textContent only.
const MOST_ZOOM = 64;
const SMOOTH_BELOW = 2;
const LARGEST_SIDE = 16000;
const LARGEST_AREA = 60e6;
const KEPT_BYTES = 96e6;
const LARGE_AREA = 1.5e6;
const SETTLED_MS = 140;
const SEND_AFTER_MS = 350;
const HINT = "Wheel: zoom. Drag: move. Shift-drag or right-drag: right widens the window, up brightens.";
const NO_LOOK = { frame: null, low: null, high: null, invert: false };

function button(text, label, act) {
  const made = make("button", "", text);
  made.type = "button";
  made.title = label;
  if (!/[a-z\d]/i.test(text)) made.setAttribute("aria-label", label);
  made.onclick = act;
  return made;
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
const tidy = (value) => Number(value.toPrecision(7));
const sameLook = (a, b) => ["frame", "low", "high", "invert"].every((name) => a[name] === b[name]);

// -- shades ----------------------------------------------------------------------------------------------------------

function shadeTable(info, low, high, flipped) {
  const table = new Uint8Array(1 << info.bits);
  const last = info.curve ? info.curve.length - 1 : 0;
  for (let number = 0; number < table.length; number++) {
    const value = info.offset + info.step * number;
    const place = high > low ? clamp((value - low) / (high - low), 0, 1) : value > low ? 1 : 0;
    let shade = 255 * place;
    if (info.curve) {
      const at = Math.min(last - 1, Math.floor(place * last));
      shade = info.curve[at] + (info.curve[at + 1] - info.curve[at]) * (place * last - at);
    }
    shade = Math.floor(shade + 0.5);
    table[number] = flipped ? 255 - shade : shade;
  }
  return table;
}

// Every `stride`-th pixel of a part of the picture.
function paint(target, info, numbers, table, { x, y, width, height, stride } = { x: 0, y: 0, ...info, stride: 1 }) {
  const image = new ImageData(Math.ceil(width / stride), Math.ceil(height / stride));
  const pixels = new Uint32Array(image.data.buffer);
  const greys = new Uint32Array(table.length);
  for (let i = 0; i < table.length; i++) greys[i] = 0xff000000 | (table[i] * 0x010101);
  let i = 0;
  for (let row = 0; row < height; row += stride) {
    const start = (y + row) * info.width + x;
    if (info.colour) {
      for (let j = 3 * start; j < 3 * (start + width); j += 3 * stride) {
        pixels[i++] = 0xff000000 | (table[numbers[j + 2]] << 16) | (table[numbers[j + 1]] << 8) | table[numbers[j]];
      }
    } else {
      for (let j = start; j < start + width; j += stride) pixels[i++] = greys[numbers[j]];
    }
  }
  if (target.width !== image.width || target.height !== image.height) {
    target.width = image.width;
    target.height = image.height;
  }
  target.getContext("2d").putImageData(image, 0, 0);
}

// -- the viewer ------------------------------------------------------------------------------------------------------

class Viewer {
  constructor(root) {
    this.root = root;
    this.sheet = document.createElement("canvas"); // the picture itself, one pixel a pixel
    this.draft = document.createElement("canvas"); // what can be seen of a large one, while its window moves
    this.frames = new Map();
    this.look = { ...NO_LOOK };
    this.pointers = new Map();
    this.build();
    new ResizeObserver(() => this.resized()).observe(this.stage);
  }

  build() {
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.stage = make("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.stage.setAttribute("aria-label", "Picture. Arrows move, plus and minus zoom, 0 fits, 1 shows every pixel.");
    this.readout = make("output", "readout");
    this.note = make("p", "note");
    this.stage.append(this.canvas, this.readout, this.note);
    this.tools = this.buildTools();
    this.panel = make("div", "panel");
    this.tile = make("div", "tile");
    this.tile.setAttribute("role", "status");
    this.tile.hidden = true;
    this.root.append(this.tools, this.stage, this.tile, this.panel);
    this.panel.addEventListener("keydown", (event) => event.target.matches("input") && event.stopPropagation());
    this.listen();
  }

  buildTools() {
    const tools = make("div", "tools");
    tools.setAttribute("role", "toolbar");
    tools.setAttribute("aria-label", "Picture tools");
    this.zoomText = make("output", "zoom");
    this.invertButton = button("Invert", "Swap dark and bright (I)", () => this.flip());
    this.facts = make("span", "facts");
    this.link = make("a", "", "PNG");
    this.link.target = "_blank";
    this.link.rel = "noopener";
    this.link.title = "The picture as it looks now, in full resolution, as a PNG file";
    tools.append(
      button("Fit", "Fit the whole picture (0)", () => this.fit()),
      button("1:1", "One screen pixel a pixel (1)", () => this.zoomTo(1)),
      button("−", "Zoom out (−)", () => this.zoomTo(this.zoom / 1.5)),
      this.zoomText,
      button("+", "Zoom in (+)", () => this.zoomTo(this.zoom * 1.5)),
      this.invertButton,
      button("Reset", "The picture's own window, not inverted, fitted (R)", () => this.reset()),
      this.link,
      this.facts,
    );
    return tools;
  }

  // What the page says. A look that was sent from here and comes back is not news; nor is one that the page showed
  // before, unless it has heard from here since: then somebody went back.
  update(data, send) {
    this.sendTrigger = send;
    this.data = data;
    this.canvas.setAttribute("aria-label", data.alt);
    if (this.src !== data.src) {
      clearTimeout(this.sending);
      Object.assign(this, { src: data.src, info: null, zoom: null, ownFrame: null, lastFrame: null, picture: null, part: null });
      this.sent = this.known = data.look;
      this.heard = data.heard;
      this.look = { ...data.look };
      this.frames.clear();
      this.panel.replaceChildren();
      this.show();
      return;
    }
    const hasHeard = data.heard !== this.heard;
    this.heard = data.heard;
    if (sameLook(data.look, this.sent) || (!hasHeard && sameLook(data.look, this.known))) {
      this.known = data.look;
      return;
    }
    this.sent = this.known = data.look;
    this.look = { ...data.look };
    this.show();
  }

  // -- getting numbers

  // One request at a time; what was asked for last comes next, so that a slider never leaves a queue behind.
  async show() {
    const kept = this.frames.get(this.look.frame ?? this.ownFrame);
    if (kept) return this.take(kept);
    this.isWanted = true;
    if (this.loading) return;
    this.isWanted = false;
    const wanted = this.look.frame;
    const slow = setTimeout(() => this.say("Loading …"), 250);
    const got = await this.load(wanted);
    clearTimeout(slow);
    if (!got || this.isWanted) return this.show();
    if (got.numbers) {
      this.take(got);
      return this.lookAhead();
    }
    if (got.reason === "no-such-frame" && wanted !== null) {
      this.look.frame = null;
      return this.show();
    }
    this.refuse(got.reason, got.text);
  }

  // A frame from the server, kept for a while; null when another picture was opened meanwhile.
  async load(frame) {
    const src = this.src;
    this.loading = true;
    const got = await this.fetchFrame(frame);
    this.loading = false;
    if (src !== this.src) return null;
    if (frame === null && got.numbers) this.ownFrame = got.info.frame;
    if (got.numbers) this.keep(got.info.frame, got);
    return got;
  }

  async lookAhead() {
    const next = this.shownFrame + (this.shownFrame < (this.lastFrame ?? 0) ? -1 : 1);
    this.lastFrame = this.shownFrame;
    if (next < 1 || next > this.info.frames || this.frames.has(next) || this.loading) return;
    await this.load(next);
    if (this.isWanted) this.show();
  }

  async fetchFrame(frame) {
    const query = new URLSearchParams({ v: this.data.version, ...(frame ? { frame } : {}) });
    try {
      const answer = await fetch(`${this.src}/values?${query}`);
      if (!answer.ok) return { reason: answer.headers.get("X-Reason") ?? "", text: await answer.text() };
      const info = JSON.parse(answer.headers.get("X-Picture"));
      const buffer = await answer.arrayBuffer();
      return { info, numbers: info.bits === 16 ? new Uint16Array(buffer) : new Uint8Array(buffer) };
    } catch (error) {
      return { reason: "no-answer", text: "The server did not answer." };
    }
  }

  keep(frame, got) {
    this.frames.set(frame, got);
    let bytes = 0;
    for (const each of this.frames.values()) bytes += each.numbers.byteLength;
    for (const [name, each] of this.frames) {
      if (bytes <= KEPT_BYTES || name === frame) break;
      bytes -= each.numbers.byteLength;
      this.frames.delete(name);
    }
  }

  take({ info, numbers }) {
    const first = !this.info;
    Object.assign(this, { info, numbers });
    this.root.classList.remove("refused");
    this.tile.hidden = true;
    this.say("");
    this.canvas.setAttribute("aria-label", this.data.alt + (info.frames > 1 ? `, frame ${info.frame} of ${info.frames}` : ""));
    if (first) this.buildPanel();
    this.shade();
    if (this.zoom === null) this.fit();
    this.tellFacts();
  }

  refuse(reason, text) {
    this.info = null;
    this.root.classList.add("refused");
    const words = this.data.problems[reason] ?? "picture cannot be shown";
    this.tile.replaceChildren(make("strong", "", "∅ " + words), make("span", "", text.replace(/^[a-z-]+: /, "")));
    if (reason === "no-answer") this.tile.append(button("Try again", "Ask for the picture again", () => this.show()));
    this.tile.hidden = false;
    this.say("");
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  tellFacts() {
    const { width, height, kind, unit } = this.info;
    this.facts.textContent = [`${width} × ${height}`, kind, unit].filter(Boolean).join(" · ");
  }

  // -- window: a whole-numbered one as DICOM counts it, where centre 40 and width 400 reach from -160 to 239

  get window() {
    const [low, high] = this.info.window;
    return { low: this.look.low ?? low, high: this.look.high ?? high };
  }

  get centreWidth() {
    const { low, high } = this.window;
    const one = this.info.whole ? 1 : 0;
    return { centre: (low + high + one) / 2, width: high - low + one };
  }

  setCentreWidth(centre, width) {
    const one = this.info.whole ? 1 : 0;
    const least = this.info.whole ? 2 : Math.abs(this.info.step) || 1e-6;
    const wide = Math.max(least, width);
    const low = tidy(centre - one / 2 - (wide - one) / 2);
    const high = tidy(centre - one / 2 + (wide - one) / 2);
    const isOwn = low === this.info.window[0] && high === this.info.window[1];
    Object.assign(this.look, isOwn ? { low: null, high: null } : { low, high });
    this.changed();
  }

  flip() {
    this.look.invert = !this.look.invert;
    this.changed();
  }

  reset() {
    Object.assign(this.look, { low: null, high: null, invert: false });
    this.fit();
    this.changed();
  }

  goTo(frame) {
    if (!this.info || this.info.frames < 2) return;
    const next = clamp(frame, 1, this.info.frames);
    this.look.frame = next === this.ownFrame ? null : next;
    this.frameSlider.value = next;
    this.tellFrame();
    this.show();
    this.sendSoon();
  }

  changed() {
    this.shade();
    this.sendSoon();
  }

  sendSoon() {
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      if (this.pointers.size) return this.sendSoon();
      if (!this.root.isConnected || sameLook(this.look, this.sent)) return;
      this.sent = { ...this.look };
      const { frame, low, high, invert } = this.look;
      this.sendTrigger("look", { frame: frame ?? "", low: low ?? "", high: high ?? "", invert: invert ? "1" : "" });
    }, SEND_AFTER_MS);
  }

  // -- drawing

  shade() {
    if (!this.info) return;
    this.stale = true;
    this.tellWindow();
    this.draw();
  }

  draw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      if (!this.info || this.zoom === null) return;
      if (this.stale) this.reshade();
      this.drawNow();
    });
  }

  get tooLarge() {
    const { width, height } = this.info;
    return Math.max(width, height) > LARGEST_SIDE || width * height > LARGEST_AREA;
  }

  reshade() {
    this.stale = false;
    if (this.tooLarge) return this.askForShades();
    const { low, high } = this.window;
    const table = shadeTable(this.info, low, high, this.info.inverted !== this.look.invert);
    clearTimeout(this.settling);
    this.part = this.isStillMoving() ? this.visiblePart() : undefined;
    if (this.part) this.settling = setTimeout(() => this.settle(), SETTLED_MS);
    this.picture = this.part ? this.draft : this.sheet;
    paint(this.picture, this.info, this.numbers, table, this.part);
  }

  // While the window of a large picture moves, only what can be seen of it is shaded.
  isStillMoving() {
    const now = performance.now();
    const moving = now - (this.shadedAt ?? -Infinity) < SETTLED_MS;
    this.shadedAt = now;
    return moving && this.info.width * this.info.height > LARGE_AREA;
  }

  settle() {
    this.shadedAt = -Infinity;
    this.stale = true;
    this.draw();
  }

  visiblePart() {
    const x = Math.max(0, Math.floor(-this.left / this.zoom));
    const y = Math.max(0, Math.floor(-this.top / this.zoom));
    const width = Math.min(this.info.width - x, Math.ceil(this.canvas.width / this.zoom) + 1);
    const height = Math.min(this.info.height - y, Math.ceil(this.canvas.height / this.zoom) + 1);
    return { x, y, width, height, stride: Math.max(1, Math.floor(1 / this.zoom)) };
  }

  // A picture too large for a canvas of its own: the server makes its shades.
  askForShades() {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      const image = new Image();
      image.onload = () => {
        this.picture = image;
        this.drawNow();
      };
      image.src = this.link.href;
    }, this.picture instanceof Image ? 200 : 0);
  }

  drawNow() {
    if (!this.picture) return;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = this.zoom < SMOOTH_BELOW && this.zoom !== 1;
    context.imageSmoothingQuality = "high";
    context.setTransform(this.zoom, 0, 0, this.zoom, Math.round(this.left), Math.round(this.top));
    const { x, y, stride } = this.part ?? { x: 0, y: 0, stride: 1 };
    context.drawImage(this.picture, x, y, this.picture.width * stride, this.picture.height * stride);
    this.canvas.dataset.drawn = String((Number(this.canvas.dataset.drawn) || 0) + 1);
  }

  // -- place: `zoom` is device pixels a pixel, `left` and `top` are device pixels

  resized() {
    const ratio = window.devicePixelRatio || 1;
    const fitted = this.info && this.zoom !== null && this.isFitted;
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth || !clientHeight) return;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    if (!this.info) return;
    if (fitted || this.zoom === null) this.fit();
    else this.place(this.zoom, this.left, this.top);
  }

  get fitting() {
    return Math.min(this.canvas.width / this.info.width, this.canvas.height / this.info.height, MOST_ZOOM);
  }

  fit() {
    if (!this.info || !this.stage.clientWidth) return;
    this.isFitted = true;
    this.place(this.fitting, 0, 0);
  }

  zoomTo(zoom, x = this.canvas.width / 2, y = this.canvas.height / 2) {
    if (!this.info) return;
    const next = clamp(zoom, Math.min(1, this.fitting), MOST_ZOOM);
    const ratio = next / this.zoom;
    this.isFitted = false;
    this.place(next, x - (x - this.left) * ratio, y - (y - this.top) * ratio);
  }

  pan(x, y) {
    if (!this.info) return;
    this.isFitted = false;
    this.place(this.zoom, this.left + x, this.top + y);
  }

  // A picture smaller than the stage is centred; a larger one never leaves it.
  place(zoom, left, top) {
    this.zoom = zoom;
    if (this.part) this.stale = true;
    const held = (at, room, size) => (size <= room ? (room - size) / 2 : clamp(at, room - size, 0));
    this.left = held(left, this.canvas.width, this.info.width * zoom);
    this.top = held(top, this.canvas.height, this.info.height * zoom);
    const inside = zoom <= this.fitting * 1.001;
    this.stage.classList.toggle("movable", !inside);
    this.stage.style.touchAction = inside ? "pan-y" : "none";
    const percent = 100 * zoom;
    this.zoomText.textContent = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    this.draw();
  }

  // -- pointer, wheel and keys

  listen() {
    const { stage } = this;
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.release(event));
    stage.addEventListener("pointerleave", () => this.tellValue(null));
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("dblclick", (event) => this.doubleClick(event));
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const ratio = this.canvas.width / box.width;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  }

  wheel(event) {
    if (!this.info) return;
    event.preventDefault();
    const step = event.deltaY * (event.deltaMode === 1 ? 30 : 1);
    this.zoomTo(this.zoom * Math.exp(-clamp(step, -240, 240) / 400), ...this.at(event));
  }

  press(event) {
    if (!this.info) return;
    if (event.button === 2 || event.shiftKey) event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { at: this.at(event), windowing: event.button === 2 || event.shiftKey });
    this.stage.focus({ preventScroll: true });
  }

  move(event) {
    if (!this.info) return;
    const held = this.pointers.get(event.pointerId);
    const now = this.at(event);
    this.tellValue(now);
    if (!held) return;
    const [x, y] = [now[0] - held.at[0], now[1] - held.at[1]];
    if (this.pointers.size === 2) this.pinch(event.pointerId, held.at, now);
    else if (held.windowing) this.dragWindow(x, y);
    else this.pan(x, y);
    held.at = now;
  }

  release(event) {
    this.pointers.delete(event.pointerId);
  }

  pinch(moving, before, now) {
    const [, other] = [...this.pointers].find(([id]) => id !== moving);
    const apart = (point) => Math.hypot(point[0] - other.at[0], point[1] - other.at[1]) || 1;
    this.zoomTo(this.zoom * (apart(now) / apart(before)), (now[0] + other.at[0]) / 2, (now[1] + other.at[1]) / 2);
  }

  // To the right is wider, which is softer; up is brighter.
  dragWindow(x, y) {
    const { centre, width } = this.centreWidth;
    const ratio = window.devicePixelRatio || 1;
    this.setCentreWidth(centre + (y / ratio) * (width / 300), width * Math.exp(x / ratio / 220));
  }

  doubleClick(event) {
    if (!this.info) return;
    if (!this.isFitted) return this.fit();
    this.zoomTo(this.fitting < 0.99 ? 1 : this.fitting * 4, ...this.at(event));
  }

  key(event) {
    if (!this.info || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const act = {
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      "+": () => this.zoomTo(this.zoom * 1.25),
      "=": () => this.zoomTo(this.zoom * 1.25),
      "-": () => this.zoomTo(this.zoom / 1.25),
      0: () => this.fit(),
      1: () => this.zoomTo(1),
      i: () => this.flip(),
      r: () => this.reset(),
      ...(this.info.frames > 1
        ? { PageUp: () => this.goTo(this.shownFrame - 1), PageDown: () => this.goTo(this.shownFrame + 1) }
        : {}),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  get shownFrame() {
    return this.look.frame ?? this.ownFrame ?? this.info.frame;
  }

  // -- the value under the pointer

  tellValue(place) {
    this.readout.textContent = place ? this.valueText(place) : "";
  }

  valueText([x, y]) {
    const { width, height, colour, offset, step, unit, whole } = this.info;
    const column = Math.floor((x - this.left) / this.zoom);
    const row = Math.floor((y - this.top) / this.zoom);
    if (column < 0 || row < 0 || column >= width || row >= height) return "";
    const at = row * width + column;
    const where = `x ${column}, y ${row}`;
    if (colour) return `${where}: ${[...this.numbers.subarray(3 * at, 3 * at + 3)].join(", ")}`;
    const value = offset + step * this.numbers[at];
    return `${where}: ${whole ? Math.round(value) : tidy(value)}${unit ? " " + unit : ""}`.replace(/: -/, ": −");
  }

  // -- the controls below the picture

  buildPanel() {
    this.panel.replaceChildren();
    if (this.info.frames > 1) this.panel.append(this.buildFrames());
    const { low, high, whole } = this.info;
    const step = whole ? 1 : tidy(Math.max(high - low, 1e-6) / 1000);
    const widest = Math.max(high - low + (whole ? 1 : 0), 4 * step);
    this.centre = this.buildSlider("Centre", step, (value) => this.setCentreWidth(value, this.centreWidth.width));
    this.width = this.buildSlider("Width", step, (value) => this.setCentreWidth(this.centreWidth.centre, value));
    Object.assign(this.centre, { least: low, most: high });
    Object.assign(this.width, { least: 2 * step, most: widest, isLog: true }); // narrow windows need fine steps
    this.panel.append(this.centre.row, this.width.row);
    if (this.info.unit === "HU") this.panel.append(this.buildPresets());
    this.panel.append(make("p", "hint", HINT));
  }

  buildFrames() {
    const row = make("div", "row frames");
    const label = make("label", "", "Frame");
    this.frameSlider = make("input");
    Object.assign(this.frameSlider, { type: "range", min: 1, max: this.info.frames, step: 1, value: this.shownFrame });
    this.frameSlider.setAttribute("aria-label", "Frame");
    this.frameSlider.oninput = () => this.goTo(Number(this.frameSlider.value));
    this.frameText = make("output");
    row.append(label, this.frameSlider, this.frameText);
    this.tellFrame();
    return row;
  }

  tellFrame() {
    this.frameText.textContent = `${this.shownFrame} of ${this.info.frames}`;
  }

  buildSlider(name, step, act) {
    const row = make("div", "row");
    const slider = make("input");
    Object.assign(slider, { type: "range", step: 0.001, min: 0, max: 1 });
    const number = make("input", "number");
    Object.assign(number, { type: "number", step });
    slider.setAttribute("aria-label", `Window ${name.toLowerCase()}`);
    number.setAttribute("aria-label", `Window ${name.toLowerCase()}, as a number`);
    const control = { row, slider, number };
    slider.oninput = () => {
      const { least, most, isLog } = control;
      const value = isLog ? least * (most / least) ** slider.value : least + (most - least) * slider.value;
      act(tidy(Math.round(value / step) * step));
    };
    number.onchange = () => Number.isFinite(number.valueAsNumber) && act(number.valueAsNumber);
    row.append(make("label", "", name), slider, number);
    return control;
  }

  tellSlider({ slider, number, least, most, isLog }, value) {
    const place = isLog ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least || 1);
    if (this.root.getRootNode().activeElement !== slider) slider.value = clamp(place, 0, 1);
    slider.setAttribute("aria-valuetext", String(tidy(value)));
    number.value = tidy(value);
  }

  buildPresets() {
    const row = make("div", "row presets");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Windows for CT");
    row.append(make("label", "", "CT"));
    for (const [name, centre, width] of this.data.presets) {
      const made = button(name, `${name}: centre ${centre}, width ${width}`, () => this.setCentreWidth(centre, width));
      made.preset = [centre, width];
      row.append(made);
    }
    this.presets = row;
    return row;
  }

  tellWindow() {
    const { centre, width } = this.centreWidth;
    if (this.centre) {
      this.tellSlider(this.centre, centre);
      this.tellSlider(this.width, width);
    }
    for (const made of this.info.unit === "HU" && this.presets ? this.presets.querySelectorAll("button") : []) {
      made.setAttribute("aria-pressed", String(made.preset[0] === centre && made.preset[1] === width));
    }
    if (this.info.frames > 1) {
      this.frameSlider.value = this.shownFrame;
      this.tellFrame();
    }
    this.invertButton.setAttribute("aria-pressed", String(this.look.invert));
    const { low, high } = this.window;
    const query = new URLSearchParams({ frame: this.shownFrame, low, high, ...(this.look.invert ? { invert: 1 } : {}) });
    this.link.href = `${this.src}?${query}`;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".viewer");
  if (!root) {
    root = make("div", "viewer");
    parentElement.append(root);
    root.viewer = new Viewer(root);
  }
  root.viewer.update(data, setTriggerValue);
}
