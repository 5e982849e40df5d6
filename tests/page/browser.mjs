// SPDX-License-Identifier: Apache-2.0
// A real browser, watched: what it says on its console, whom it asks, what the page's policy stops.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Packages are found beside the program that imports them, or in $ORACLE_MODULES. */
const require = createRequire(pathToFileURL(`${process.env.ORACLE_MODULES ?? "."}/page.js`));
const puppeteer = (await import(pathToFileURL(require.resolve("puppeteer-core")))).default;
export const axePath = require.resolve("axe-core/axe.min.js");

export async function openBrowser() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    protocolTimeout: 240000,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader", "--disable-component-update"],
  });
}

/** A page of `browser`; what goes wrong in it is kept in .wrong. */
export async function openPage(browser, root, { dark = false, scripts = true, width = 1280, height = 860 } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.wrong = [];
  page.setDefaultTimeout(60000);
  await page.setViewport({ width, height });
  await page.setJavaScriptEnabled(scripts);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  page.on("console", (m) => {
    // WebGL by software says on its own that it is slow; an answer that is an error is seen below
    if (["error", "warn", "assert"].includes(m.type()) && !/GPU stall|GL Driver|^Failed to load resource/.test(m.text()))
      page.wrong.push(`console: ${m.text()}`);
  });
  page.on("pageerror", (e) => page.wrong.push(`script: ${e.message}`));
  page.on("dialog", (d) => {
    page.wrong.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  page.on("request", (r) => {
    if (!r.url().startsWith(root) && !r.url().startsWith("data:")) page.wrong.push(`asked another host: ${r.url()}`);
  });
  page.on("response", (r) => {
    if (r.status() >= 400 && !page.mayFail?.test(r.url()) && !/events$/.test(r.url())) page.wrong.push(`${r.status()}: ${r.url()}`);
  });
  await page.evaluateOnNewDocument(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) =>
      window.violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}`),
    );
  });
  page.go = async (path) => {
    const answer = await page.goto(new URL(path, root).href, { waitUntil: "load" });
    return answer.status();
  };
  page.stopped = () => page.evaluate(() => window.violations ?? []);
  return page;
}

/** What axe-core finds, a line each. */
export async function findBarriers(page) {
  const found = await page.evaluate(async () => typeof window.axe).catch(() => "undefined");
  if (found === "undefined") {
    // by the debugger, which the page's policy is not for
    const { readFileSync } = await import("node:fs");
    const inspector = await page.createCDPSession();
    await inspector.send("Runtime.evaluate", { expression: readFileSync(axePath, "utf8") });
    await inspector.detach();
  }
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")} (${v.help})`);
}

let failures = 0;
/** A line that tests/lib.sh numbers. */
export function is(sentence, got, wanted) {
  const same = JSON.stringify(got) === JSON.stringify(wanted);
  if (!same) failures++;
  console.log(`${same ? "ok" : "not ok"} - ${sentence}`);
  if (!same) console.log(`#   got:    ${JSON.stringify(got)?.slice(0, 1500)}\n#   wanted: ${JSON.stringify(wanted)?.slice(0, 600)}`);
}
export const note = (text) => console.log(`# ${text}`);
export const failed = () => failures;
