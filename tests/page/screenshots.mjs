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
  const [shop, lodash, evil] = await Promise.all([first("shop 1.0.0", "package"), first("lodash 4.17.20", "package"), first("evil", "package")]);
  paths = [
    "/",
    "/search?q=lodash",
    `/node/${lodash}`,
    `/graph/${shop}`,
    `/node/${evil}`,
    "/documents",
    "/timeline",
    "/contains",
    "/contains?package=pkg%3Anpm%2Flodash",
    "/exposed?vulnerability=CVE-2021-44228",
    `/diff?a=${shop}&b=${lodash}`,
    "/nowhere",
  ];
}
for (const dark of [false, true])
  for (const [i, path] of paths.entries()) {
    const page = await openPage(browser, root, { dark });
    await page.go(path);
    if (await page.$(".graph")) await page.waitForSelector(".graph[data-ready]", { timeout: 15000 }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 700));
    const name = `${String(i).padStart(2, "0")}-${path.split(/[?/]/)[1] || "overview"}-${dark ? "dark" : "light"}.png`;
    await page.screenshot({ path: `${dir}/${name}`, fullPage: true });
    if (page.wrong.length) console.log(name, page.wrong);
    await page.browserContext().close();
  }
await browser.close();
