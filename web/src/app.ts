// SPDX-License-Identifier: Apache-2.0
// What the scripts add to the pages that the server wrote.
import { startLive } from "./live";
import { startSuggest } from "./suggest";
import { startSwitch } from "./switch";
import { startTables } from "./tables";
import { startUpload } from "./upload";

startSwitch();
startTables(document);
for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]"))
  startSuggest(input, {
    opens: input.dataset["suggest"] === "open",
    kinds: (input.dataset["kinds"] ?? "").split(" ").filter(Boolean),
  });
startLive();
startUpload();

for (const place of document.querySelectorAll<HTMLElement>("[data-graph]"))
  void import("./graph/view").then(({ startGraph }) => startGraph(place));

// "/" goes to the search field, as in many tools; never while somebody types.
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  document.querySelector<HTMLInputElement>("#search")?.focus();
});
