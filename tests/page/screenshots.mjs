// SPDX-License-Identifier: Apache-2.0
// screenshots.mjs DIR URL [PATH...]: see screenshots.
import { mkdirSync } from "node:fs";
import { openBrowser, openPage } from "./browser.mjs";

const [dir, root, ...given] = process.argv.slice(2);
mkdirSync(dir, { recursive: true });
const browser = await openBrowser();
const first = async (words, kind) => {
  const { nodes } = await (await fetch(new URL(`/api/v1/search?limit=20&q=${encodeURIComponent(words)}`, root))).json();
  return nodes?.find((n) => n.kind === kind)?.id;
};
let paths = given;
if (!paths.length) {
  const [shop, newer, lodash, many, found] = await Promise.all([
    first("shop 1.0.0", "package"), first("shop 2.0.0", "package"), first("lodash 4.17.20", "package"), first("many 1.0.0", "package"),
    first("CVE-2021-23337", "vulnerability"),
  ]);
  const of = (node) => (node ? [node] : []);
  paths = [
    "/",
    "/search?q=lodash",
    ...of(lodash && `/node/${lodash}`),
    ...of(found && `/node/${found}`),
    ...of(shop && `/graph/${shop}`),
    ...of(many && `/graph/${many}`),
    "/documents",
    "/timeline",
    "/contains",
    "/contains?package=pkg%3Anpm%2Flodash",
    ...of(found && "/exposed?vulnerability=CVE-2021-23337"),
    ...of(found && "/plan?vulnerability=CVE-2021-23337"),
    ...of(shop && newer && `/diff?a=${shop}&b=${newer}`),
    ...of(lodash && `/radius?node=${lodash}`),
    "/unproven",
    "/expiring",
    "/nowhere",
  ];
}
const looks = { light: {}, dark: { dark: true }, phone: { width: 390, height: 800 } };
for (const [look, options] of Object.entries(looks))
  for (const [i, path] of paths.entries()) {
    const page = await openPage(browser, root, options);
    page.mayFail = /nowhere/;
    await page.go(path);
    if (await page.$(".graph")) {
      await page.waitForSelector(".graph[data-ready]", { timeout: 15000 }).catch(() => {});
      await page.waitForFunction(() => !document.querySelector(".graph").view?.layout.worker, { timeout: 30000 }).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
    const name = `${String(i).padStart(2, "0")}-${path.split(/[?/]/)[1] || "overview"}-${look}.png`;
    await page.screenshot({ path: `${dir}/${name}`, fullPage: true });
    if (page.wrong.length) console.log(name, page.wrong);
    await page.browserContext().close();
  }
await browser.close();
