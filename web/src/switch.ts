// SPDX-License-Identifier: Apache-2.0
// The switch between light and dark.
import { say } from "./dom";

const system = matchMedia("(prefers-color-scheme: dark)");

export const isDark = (): boolean => {
  const theme = document.documentElement.dataset["theme"];
  return theme ? theme === "dark" : system.matches;
};

/** Calls `what` whenever the colours have changed. */
export function onTheme(what: () => void): void {
  system.addEventListener("change", what);
  addEventListener("theme", what);
}

export function startSwitch(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  if (!button) return;
  const show = (): void => {
    button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset["theme"] = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // it holds for this page
    }
    dispatchEvent(new Event("theme"));
    say(`${theme} colours`);
  });
  onTheme(show);
  show();
}
