// Saves the picture that Python wrote. The SVG is only ever an image here, so nothing in it can run.

const SCALE = 2;
const shown = new WeakMap();

export default function ({ parentElement, data }) {
  let state = shown.get(parentElement);
  if (!state) {
    state = { data, root: document.createElement("div") };
    state.root.className = "files";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    for (const [kind, act] of [["SVG", saveSvg], ["PNG", savePng]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `Save ${kind}`;
      button.addEventListener("click", () => {
        said.textContent = "";
        act(state.data).catch(() => (said.textContent = `This browser could not make a ${kind} of it.`));
      });
      state.root.append(button);
    }
    state.root.append(said);
    parentElement.append(state.root);
    shown.set(parentElement, state);
  }
  state.data = data;
  return () => {
    state.root.remove();
    shown.delete(parentElement);
  };
}

const asBlob = (data) => new Blob([data.svg], { type: "image/svg+xml" });

async function saveSvg(data) {
  save(asBlob(data), `${data.name}.svg`);
}

async function savePng(data) {
  const address = URL.createObjectURL(asBlob(data));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width * SCALE;
    canvas.height = image.height * SCALE;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!blob) throw new Error("too large");
    save(blob, `${data.name}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
