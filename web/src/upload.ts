// SPDX-License-Identifier: Apache-2.0
// Whoever has a token gives a document to the graph. The token stays in its field: nothing keeps it.
import { say } from "./dom";

export function startUpload(): void {
  const place = document.querySelector<HTMLElement>("[data-upload]");
  const form = place?.querySelector("form");
  const said = place?.querySelector<HTMLElement>("[data-upload-said]");
  const file = place?.querySelector<HTMLInputElement>("#add-file");
  const token = place?.querySelector<HTMLInputElement>("#add-token");
  if (!place || !form || !said || !file || !token) return;
  place.hidden = false;
  const tell = (words: string): void => {
    said.textContent = words;
    say(words);
  };
  const send = async (document: File): Promise<void> => {
    const answer = await fetch(`/api/v1/documents?origin=${encodeURIComponent(document.name)}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "application/octet-stream" },
      body: document,
    });
    const body = (await answer.json().catch(() => ({}))) as { error?: string; format?: string };
    tell(answer.ok ? `${document.name} is in the graph (${body.format ?? "a document"})` : (body.error ?? "refused"));
    if (answer.ok) form.reset();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = file.files?.[0];
    if (chosen) send(chosen).catch(() => tell("The server could not be reached"));
  });
}
