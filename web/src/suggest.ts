// SPDX-License-Identifier: Apache-2.0
// Search as one types: a combobox (WAI-ARIA Authoring Practices) over /api/v1/search. The form works without it.
import { search, type Noun } from "./api";
import { icon, make, say, settled, visible } from "./dom";
import { kindOf } from "./kinds";

const most = 10;
let number = 0;

interface Options {
  /** What becomes of a choice: its page is opened, or its key is put into the field. */
  opens: boolean;
  /** Only nouns of these kinds; empty: all. */
  kinds: string[];
}

export function startSuggest(input: HTMLInputElement, options: Options): void {
  const list = make("ul", { class: "suggest", role: "listbox", id: `suggest-${++number}`, hidden: true });
  list.setAttribute("aria-label", "What was found");
  let nouns: Noun[] = [];
  let at = -1;
  let asked: AbortController | null = null;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
  input.after(list);

  const close = (): void => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next: number): void => {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = next;
    const option = list.children[at];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else input.removeAttribute("aria-activedescendant");
  };
  const choose = (noun: Noun): void => {
    close();
    if (options.opens) location.assign(`/node/${encodeURIComponent(noun.id)}`);
    else {
      input.value = noun.key;
      input.focus();
    }
  };
  const show = (): void => {
    list.replaceChildren(
      ...nouns.map((noun, i) =>
        make(
          "li",
          {
            role: "option",
            id: `${list.id}-${i}`,
            "aria-selected": "false",
            onmousedown: (event) => {
              event.preventDefault();
              choose(noun);
            },
          },
          icon(kindOf(noun.kind).icon),
          make("span", { class: "suggest-label" }, make("bdi", {}, visible(noun.label || noun.key))),
          make("span", { class: "suggest-kind" }, kindOf(noun.kind).name),
        ),
      ),
    );
    list.hidden = nouns.length === 0;
    at = -1;
    input.setAttribute("aria-expanded", String(nouns.length > 0));
    input.removeAttribute("aria-activedescendant");
    say(nouns.length ? `${nouns.length} found, choose with the arrow keys` : "nothing found");
    list.dataset["for"] = input.value.trim();
  };
  const look = settled(60, async () => {
    asked?.abort();
    const words = input.value.trim();
    if (words.length < 2) return close();
    asked = new AbortController();
    try {
      const found = await search(words, most * (options.kinds.length ? 4 : 1), asked.signal);
      nouns = found.nodes.filter((n) => !options.kinds.length || options.kinds.includes(n.kind)).slice(0, most);
      if (document.activeElement === input) show();
    } catch (error) {
      if (!(error instanceof DOMException)) close();
    }
  });

  input.addEventListener("input", () => void look());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (list.hidden) return;
      event.preventDefault();
      return close();
    }
    if (list.hidden) {
      if (event.key === "ArrowDown") void look();
      return;
    }
    if (event.key === "ArrowDown") mark(at + 1 < nouns.length ? at + 1 : 0);
    else if (event.key === "ArrowUp") mark(at > 0 ? at - 1 : nouns.length - 1);
    else if (event.key === "Enter" && nouns[at]) choose(nouns[at]!);
    else return;
    event.preventDefault();
  });
}
