// SPDX-License-Identifier: Apache-2.0
// What comes into the graph while somebody looks: server-sent events; parts that are marked data-live are asked for again.
import { say, settled } from "./dom";
import { startTables } from "./tables";

let count = 0;

// Through XMLHttpRequest, which gives a document: nothing here makes HTML of a text.
function refresh(): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-live][id]")];
  if (!parts.length || document.hidden) return;
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.addEventListener("load", () => {
    const fresh = request.status === 200 ? request.responseXML : null;
    for (const part of parts) {
      const other = fresh?.getElementById(part.id);
      // what somebody is in the middle of is left alone
      if (!other || part.contains(document.activeElement)) continue;
      part.replaceWith(document.adoptNode(other));
      startTables(other);
    }
  });
  request.send();
}

export function startLive(): void {
  const sign = document.querySelector<HTMLElement>("[data-live-sign]");
  if (!sign || !("EventSource" in window)) return;
  const words = sign.querySelector<HTMLElement>("[data-live-words]");
  // The server answers when there is news, or after a while, and is asked again: between answers nothing is amiss.
  const longest = 30_000;
  const events = new EventSource("/api/v1/events");
  let alive = Date.now();
  const show = (state: string, text: string): void => {
    sign.hidden = false;
    sign.dataset["state"] = state;
    if (words) words.textContent = text;
  };
  const isThere = (): void => {
    alive = Date.now();
    if (sign.dataset["state"] !== "new") show("live", "Live");
  };
  const refreshSoon = settled(300, refresh);
  events.addEventListener("open", isThere);
  events.addEventListener("document", () => {
    count++;
    const text = count === 1 ? "1 new document" : `${count} new documents`;
    show("new", text);
    say(text);
    refreshSoon();
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) sign.hidden = true;
    else if (Date.now() - alive > longest) show("waiting", "Connecting");
  });
  addEventListener("pagehide", () => events.close());
}
