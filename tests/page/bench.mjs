// SPDX-License-Identifier: Apache-2.0
// bench.mjs URL: how long people wait for a page, a search, a drawing. Rows as tests/bench/run reads them.
import { openBrowser, openPage } from "./browser.mjs";

const root = process.argv[2];
const rounds = 7;
// not once a frame: by software a first frame of WebGL takes seconds, and what is waited for was long there
const often = { polling: 20 };
const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
const row = (what, ms, beside) => console.log(`${what} | ${(ms / 1000).toFixed(3)} s | ${beside} | | `);

const find = async (words, key) =>
  (await (await fetch(new URL(`/api/v1/search?limit=50&q=${encodeURIComponent(words)}`, root))).json()).nodes.find((n) => n.key === key).id;
const browser = await openBrowser();
const many = await find("many 1.0.0", "pkg:oci/many@1.0.0");

// the browser is warm, the page is not: each round has a context of its own
async function paint(path) {
  const all = [];
  for (let i = 0; i <= rounds; i++) {
    const page = await openPage(browser, root);
    await page.go(path);
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0, often);
    if (i) all.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    await page.browserContext().close();
  }
  return median(all);
}
row("page: first paint, overview", await paint("/"), "chromium, headless");
row("page: first paint, a release of 5,000 parts", await paint(`/node/${many}`), "chromium, headless");

{
  const page = await openPage(browser, root);
  await page.go("/");
  await page.evaluate(() => {
    window.waits = [];
    const input = document.querySelector("#search");
    let at = 0;
    input.addEventListener("input", () => (at = performance.now()));
    new MutationObserver(() => {
      if (!at || !document.querySelector(".suggest li")) return;
      const began = at;
      at = 0;
      requestAnimationFrame(() => window.waits.push(performance.now() - began));
    }).observe(document.querySelector(".suggest"), { childList: true });
  });
  for (const letter of "part-123") {
    await page.type("#search", letter);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  row("page: from a keystroke to what is found", median(await page.evaluate(() => window.waits)), "60 ms of it wait for the next letter");
  await page.browserContext().close();
}
{
  const page = await openPage(browser, root);
  await page.go(`/graph/${many}`);
  await page.waitForSelector(".graph[data-ready]");
  const all = [];
  for (let i = 0; i < 7 && (await page.$('[data-does="expand"]')); i++) {
    await page.waitForFunction(() => !document.querySelector(".graph").view.layout.worker, often);
    all.push(
      await page.evaluate(async () => {
        const place = document.querySelector(".graph");
        const began = performance.now();
        await place.view.expand(place.dataset.graph);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return performance.now() - began;
      }),
    );
  }
  row("page: 500 neighbours more in the drawing", median(all), "asked for, placed and drawn; by software");
  await page.waitForFunction(() => !document.querySelector(".graph").view.layout.worker, often);
  const frame = await page.evaluate(async () => {
    const camera = document.querySelector(".graph").sigma.getCamera();
    const times = [];
    // by software, and on a machine that does much else, a frame may take seconds
    for (let i = 0, last = 0, began = performance.now(); i < 60 && (times.length < 5 || performance.now() - began < 20000); i++) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      if (last) times.push(now - last);
      last = now;
      camera.setState({ x: 0.5 + i / 1000 });
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  });
  const nodes = await page.$eval(".graph", (e) => e.dataset.nodes);
  row(`page: a frame of ${nodes} nodes`, frame, "drawn by software");
}
await browser.close();
