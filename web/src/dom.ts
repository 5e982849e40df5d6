// SPDX-License-Identifier: Apache-2.0
// Elements are made of parts, and text is always text: nothing here reads HTML.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;

/** An element with its attributes (`onclick` and the like are listeners) and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

const svgSpace = "http://www.w3.org/2000/svg";

/** One of our icons: decoration, so that screen readers pass over it. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svgSpace, "use");
  use.setAttribute("href", `/assets/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Characters that change how others are shown, or are not shown, are named. As the server does it (html.c). */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => `\u27e8U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`,
  );
}

let said: HTMLElement | null = null;
/** For screen readers: what has just happened. */
export function say(text: string): void {
  said ??= document.querySelector<HTMLElement>("[data-said]");
  if (said) said.textContent = text;
}

/** `what` once nothing has asked for it for this long. */
export function settled<A extends unknown[]>(milliseconds: number, what: (...args: A) => void): (...args: A) => void {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => what(...args), milliseconds);
  };
}
