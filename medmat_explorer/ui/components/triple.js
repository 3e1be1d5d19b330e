// Three elements, each with its axis letter and colour. All text goes in through textContent.

export default function ({ parentElement, data }) {
  const list = make("div", "triple");
  list.setAttribute("role", "list");
  for (const { axis, text, long, sign } of data.elements) {
    const row = make("div", "row");
    row.style.display = "contents";
    row.setAttribute("role", "listitem");
    const badge = make("span", "badge", axis[0].toUpperCase());
    badge.style.setProperty("--axis", `var(--${axis})`);
    badge.title = axis;
    const words = make("span", "text", text);
    if (long) words.append(make("span", "long", long));
    row.append(badge, words, make("span", "sign", sign && (sign === "shared" ? "= shared" : "≠ differs")));
    list.append(row);
  }
  parentElement.querySelector(".triple")?.remove();
  parentElement.append(list);
}
