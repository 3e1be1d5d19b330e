// Keys that work anywhere on the page, and a dialog that lists them. textContent only.
const BOXES = { "/": 'input[aria-label="Search"]', t: 'input[aria-label="Tag this item"]' };

function isTyping() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.matches("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable=true]") ?? false;
}

function helpDialog(lines) {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  title.textContent = "Keys";
  const list = document.createElement("dl");
  for (const [key, meaning] of lines) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = key;
    text.textContent = meaning;
    list.append(term, text);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.onclick = () => dialog.close();
  dialog.append(title, list, close);
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  return dialog;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".keys");
  if (!root) {
    root = document.createElement("div");
    root.className = "keys";
    parentElement.append(root);
  }
  const dialog = helpDialog(data.help);
  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = "opener";
  opener.textContent = "? keys";
  opener.setAttribute("aria-label", "Show the keys that work here");
  opener.onclick = () => dialog.showModal();
  root.replaceChildren(opener, dialog);
  const pressed = (event) => {
    if (!root.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping() || dialog.open) return;
    const box = BOXES[event.key] && document.querySelector(BOXES[event.key]);
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      event.preventDefault();
      dialog.showModal();
    } else if (data.bound.includes(event.key)) {
      event.preventDefault();
      setTriggerValue("pressed", { key: event.key });
    }
  };
  root.unlisten?.();
  document.addEventListener("keydown", pressed);
  return (root.unlisten = () => document.removeEventListener("keydown", pressed));
}
