// SPDX-License-Identifier: Apache-2.0
// Before anything is shown: light or dark, where somebody has chosen; else the system's choice holds (app.css).

const chosen = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage is switched off
  }
})();
if (chosen === "dark" || chosen === "light") document.documentElement.dataset["theme"] = chosen;
document.documentElement.classList.add("has-script");
