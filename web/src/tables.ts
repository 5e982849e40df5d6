// SPDX-License-Identifier: Apache-2.0
// Tables that the server wrote can be sorted by their headings and filtered; without script they are read as they are.
import { make, say, settled } from "./dom";

const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const value = (row: HTMLTableRowElement, column: number): string => {
  const cell = row.cells[column];
  return cell?.dataset["sort"] ?? cell?.textContent?.trim() ?? "";
};

function makeSortable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 2) return;
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
  headings.forEach((heading, column) => {
    const name = heading.textContent?.trim();
    if (!name || heading.hasAttribute("data-unsorted")) return;
    const button = make("button", { type: "button", class: "sort" }, name);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows];
      rows.sort((a, b) => (down ? -1 : 1) * order.compare(value(a, column), value(b, column)));
      body.append(...rows);
      say(`sorted by ${name}, ${down ? "descending" : "ascending"}`);
    });
    heading.replaceChildren(button);
  });
}

function makeFilterable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 8) return;
  const name = table.caption?.textContent?.trim() ?? "this table";
  const input = make("input", {
    type: "search",
    class: "filter",
    placeholder: "Filter rows",
    "aria-label": `Filter ${name}`,
  });
  input.addEventListener(
    "input",
    settled(50, () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const row of body.rows) {
        const text = row.textContent?.toLowerCase() ?? "";
        row.hidden = !words.every((w) => text.includes(w));
        if (!row.hidden) left++;
      }
      say(`${left} rows`);
    }),
  );
  (table.closest(".scroll") ?? table).before(input);
}

export function startTables(root: ParentNode): void {
  for (const table of root.querySelectorAll("table")) {
    if (table.dataset["ready"]) continue;
    table.dataset["ready"] = "yes";
    makeSortable(table);
    makeFilterable(table);
  }
}
