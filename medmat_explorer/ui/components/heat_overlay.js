// A picture with a grid of numbers over it. Data reaches the page through textContent and style values made here.
const STRONGEST = 0.78; // opacity of the largest number: the picture stays visible through it

function tell(value, data) {
  if (value === null) return "not asked yet";
  return (value > 0 && data.below ? "+" : "") + value.toFixed(1) + " " + data.unit;
}

function shade(value, most) {
  return Math.min(1, Math.abs(value) / most) * STRONGEST;
}

function cell(value, row, column, data) {
  const part = make("span", value === null ? "part open" : value < 0 ? "part below" : "part above");
  part.title = `row ${row + 1}, column ${column + 1}: ${tell(value, data)}`;
  if (value !== null) part.style.setProperty("--strength", (100 * shade(value, data.most)).toFixed(1) + "%");
  return part;
}

function scale(data) {
  const line = make("div", "scale");
  const end = (className, value, meaning) => {
    const box = make("span", "key");
    const patch = make("span", "part " + className);
    patch.style.setProperty("--strength", 100 * STRONGEST + "%");
    box.append(patch, make("span", "", `${tell(value, data)}: ${meaning}`));
    return box;
  };
  if (data.below) line.append(end("below", -data.most, data.below));
  line.append(end("above", data.most, data.above));
  return line;
}

function toggle(root) {
  const label = make("label", "toggle");
  const box = make("input");
  box.type = "checkbox";
  box.checked = !root.classList.contains("plain");
  box.onchange = () => root.classList.toggle("plain", !box.checked);
  label.append(box, make("span", "", "Show the map over the picture"));
  return label;
}

function frame(data) {
  const place = make("div", "frame");
  const image = make("img");
  image.src = data.src;
  image.alt = data.alt;
  const grid = make("div", "grid");
  grid.setAttribute("aria-hidden", "true");
  grid.style.gridTemplateColumns = `repeat(${data.rows[0]?.length ?? 1}, 1fr)`;
  grid.style.gridTemplateRows = `repeat(${data.rows.length}, 1fr)`;
  data.rows.forEach((row, r) => row.forEach((value, c) => grid.append(cell(value, r, c, data))));
  place.append(image, grid);
  return place;
}

export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".heat");
  if (!root) parentElement.append((root = make("div", "heat")));
  const held = parentElement.activeElement?.type === "checkbox";
  root.replaceChildren(frame(data), scale(data), toggle(root));
  if (held) root.querySelector("input").focus({ preventScroll: true });
}
