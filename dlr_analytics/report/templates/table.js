"use strict";
// Optional: sorts the table of networks by group, and removes regions that need no scrolling from the
// tab order.
for (const region of document.querySelectorAll(".scroll")) {
  if (region.scrollWidth <= region.clientWidth) region.removeAttribute("tabindex");
}
for (const head of document.querySelectorAll("th[data-column]")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.onclick = () => sort(head);
}
function sort(head) {
  const table = head.closest("table"), column = Number(head.dataset.column);
  const before = head.getAttribute("aria-sort");
  const rising = before ? before === "descending" : head.dataset.first === "ascending";
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const value = (row) => {
    const text = row.children[column].dataset.value;
    return text === "" ? NaN : Number(text);
  };
  const order = (a, b) => {
    // The row with the sum of the others stays last.
    const [rest, other] = [a, b].map((row) => row.classList.contains("rest"));
    if (rest || other) return rest - other;
    const [x, y] = [value(a), value(b)];
    if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
    return rising ? x - y : y - x;
  };
  const groups = [...table.tBodies];
  for (const group of groups) {
    const [, ...rows] = group.rows;
    group.append(...rows.sort(order));
  }
  table.append(...groups.sort((a, b) => order(a.rows[0], b.rows[0])));
}
