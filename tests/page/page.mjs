// SPDX-License-Identifier: Apache-2.0
// page.mjs URL: the page as people use it, in a real browser.
import { failed, findBarriers, is, note, openBrowser, openPage } from "./browser.mjs";

const root = process.argv[2];
const browser = await openBrowser();
const ask = async (path) => (await fetch(new URL(`/api/v1/${path}`, root))).json();
const find = async (words) => (await ask(`search?q=${encodeURIComponent(words)}&limit=20`)).nodes;
const node = async (key, kind = "package") => (await find(key.replace(/^pkg:\w+\//, ""))).find((n) => n.key === key && n.kind === kind)?.id;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (page, selector) => page.$eval(selector, (e) => e.textContent.trim());
const graphReady = (page) => page.waitForSelector(".graph[data-ready]");
const nodesShown = (page) => page.$eval(".graph", (e) => Number(e.dataset.nodes));

const lodash = await node("pkg:npm/lodash@4.17.20");
const many = await node("pkg:oci/many@1.0.0");
const shop = await node("pkg:oci/shop@1.0.0");
is("the documents are in the graph", [lodash, many, shop].every(Boolean), true);

// --- search, a thing, its graph: by mouse ---
{
  const page = await openPage(browser, root);
  await page.go("/");
  await page.type("#search", "lodash 4.17.20");
  await page.waitForSelector(".suggest li");
  const options = await page.$$eval(".suggest li .suggest-label", (all) => all.map((e) => e.textContent));
  is("search as one types finds the package", options.some((o) => /lodash.*4\.17\.20/.test(o)), true);
  await Promise.all([page.waitForNavigation(), page.click(".suggest li")]);
  is("a choice opens the thing's page", /\/node\/\d+$/.test(page.url()), true);
  is("which names it", /lodash/.test(await textOf(page, "h1")), true);
  await page.go(`/node/${lodash}`);
  is("its facts say who said so", (await page.$$eval("#facts tbody tr td:last-child", (all) => all.map((e) => e.textContent))).every((t) => /CycloneDX|Trivy/.test(t)), true);
  await graphReady(page);
  const before = await nodesShown(page);
  is("its graph has neighbours", before > 1, true);
  await page.go(`/graph/${shop}`);
  await graphReady(page);
  await page.waitForSelector(".graph-list button");
  const first = await nodesShown(page);
  is("a release shows its parts", first >= 15, true);
  // whoever is chosen in the list is expanded
  await page.evaluate(() => [...document.querySelectorAll(".graph-list button")].find((b) => b.textContent.includes("common-0"))?.click());
  await page.waitForFunction(() => document.querySelector(".graph-panel h3")?.textContent.includes("common-0"));
  await page.click('[data-does="expand"]');
  await page.waitForFunction((n) => Number(document.querySelector(".graph").dataset.nodes) > n, {}, first);
  const expanded = await nodesShown(page);
  is("expanding brings more", expanded > first, true);
  await page.waitForSelector('[data-does="collapse"]');
  await page.click('[data-does="collapse"]');
  await page.waitForFunction((n) => Number(document.querySelector(".graph").dataset.nodes) < n, {}, expanded);
  is("collapsing takes it away again", await nodesShown(page), first);
  await page.click('.graph-filter input[data-kind="package"]');
  await page.waitForFunction((n) => Number(document.querySelector(".graph").dataset.nodes) < n, {}, first);
  is("a kind that is filtered is not shown", (await nodesShown(page)) < first, true);
  is("nothing goes wrong on the way", [...page.wrong, ...(await page.stopped())], []);
  await page.browserContext().close();
}

// --- the same places every time ---
{
  const places = [];
  for (let i = 0; i < 2; i++) {
    const page = await openPage(browser, root);
    await page.go(`/graph/${shop}`);
    await graphReady(page);
    await page.waitForFunction(() => !document.querySelector(".graph").view.layout.worker);
    places.push(await page.$eval(".graph", (e) => e.view.model.mapNodes((n, a) => [n, a.x.toFixed(3), a.y.toFixed(3)].join())));
    await page.browserContext().close();
  }
  is("the layout is the same every time", places[0], places[1]);
}

// --- by keyboard alone ---
{
  const page = await openPage(browser, root);
  await page.go("/");
  await page.keyboard.press("Tab");
  is("the first stop leads to the content", await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("/");
  is("/ goes to the search field", await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("lodash 4.17.20");
  await page.waitForSelector(".suggest li");
  await page.keyboard.press("ArrowDown");
  is("an arrow marks the first", await page.$eval("#search", (e) => document.getElementById(e.getAttribute("aria-activedescendant"))?.getAttribute("aria-selected")), "true");
  await page.keyboard.press("Escape");
  is("Escape closes the list", await page.$eval(".suggest", (e) => e.hidden), true);
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector(".suggest li:first-child");
  await page.waitForFunction(() => !document.querySelector(".suggest").hidden);
  await page.keyboard.press("ArrowDown");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  is("Enter opens it", /\/node\/\d+$/.test(page.url()), true);
  await graphReady(page);
  // every control can be reached, and none holds the focus
  const seen = new Set();
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      return e === document.body ? "" : `${e.tagName}.${e.className}.${e.dataset.does ?? ""}`;
    });
    if (!at && seen.size > 5) break;
    seen.add(at);
  }
  is("Tab reaches the drawing", [...seen].some((s) => s.includes("graph-canvas")), true);
  is("and what can be done with a node", [...seen].some((s) => /BUTTON\.button\.(expand|collapse)/.test(s)), true);
  await page.focus(".graph-canvas");
  const ratio = () => page.$eval(".graph", (e) => e.sigma.getCamera().getState().ratio);
  const far = await ratio();
  await page.keyboard.press("+");
  is("+ zooms the drawing", (await ratio()) < far, true);
  is("nothing goes wrong by keyboard", [...page.wrong, ...(await page.stopped())], []);
  await page.browserContext().close();
}

// --- light and dark ---
{
  const page = await openPage(browser, root, { dark: true });
  await page.go("/");
  const background = () => page.evaluate(() => getComputedStyle(document.body.parentElement).backgroundColor);
  const dark = await background();
  await page.click("[data-theme-switch]");
  const light = await background();
  is("the switch changes the colours", dark !== light, true);
  await page.go("/documents");
  is("and the next page keeps them", await background(), light);
  await page.browserContext().close();
}

// --- every page: axe-core, light and dark; console, policy, other hosts ---
const pages = [
  "/", "/search?q=lodash", "/search?q=nothinghasthisword", "/search", `/node/${lodash}`, `/graph/${shop}`, "/documents", "/timeline", "/contains", "/diff",
  ...(process.env.PAGES ?? "").split(" ").filter(Boolean),
];
for (const dark of [false, true]) {
  const page = await openPage(browser, root, { dark });
  for (const path of pages) {
    const status = await page.go(path);
    if (/\/(node|graph)\//.test(path)) await graphReady(page);
    await sleep(150);
    is(`${path.replace(/\d+/g, "N")} (${dark ? "dark" : "light"}) has no barrier`, [status, ...(await findBarriers(page))], [200]);
  }
  is(`nothing goes wrong on them (${dark ? "dark" : "light"})`, page.wrong, []);
  await page.browserContext().close();
}

// --- a document comes while somebody looks ---
if (process.env.TOKEN) {
  const page = await openPage(browser, root);
  await page.go("/documents");
  await page.waitForFunction(() => document.querySelector("[data-live-sign]")?.dataset.state === "live");
  const before = (await page.$$("#documents tbody tr")).length;
  const file = await page.$("#add-file");
  await file.uploadFile(process.env.NEW_DOCUMENT);
  await page.type("#add-token", "wrong");
  page.mayFail = /\/api\/v1\/documents\?/;
  await page.click("[data-upload] button");
  await page.waitForFunction(() => document.querySelector("[data-upload-said]").textContent !== "");
  is("a wrong token is refused in words", /token/.test(await textOf(page, "[data-upload-said]")), true);
  page.mayFail = undefined;
  await page.$eval("#add-token", (e) => (e.value = ""));
  await page.type("#add-token", process.env.TOKEN);
  await page.click("[data-upload] button");
  await page.waitForFunction(() => /is in the graph/.test(document.querySelector("[data-upload-said]").textContent));
  await page.waitForFunction(() => document.querySelector("[data-live-sign]").dataset.state === "new");
  is("news is told as it comes", await textOf(page, "[data-live-words]"), "1 new document");
  await page.waitForFunction((n) => document.querySelectorAll("#documents tbody tr").length > n, {}, before);
  is("and the table has it", (await page.$$("#documents tbody tr")).length, before + 1);
  is("nothing goes wrong meanwhile", [...page.wrong, ...(await page.stopped())], []);
  await page.browserContext().close();
}

// --- names of strangers ---
{
  const page = await openPage(browser, root);
  const evil = await node("pkg:oci/evil@1.0.0");
  const texts = ["<img src=x onerror=alert(1)>", '"><script>alert(2)</script>', "javascript:alert(3)", "\u202egnp.exe"];
  const paths = ["/", "/documents", "/timeline", `/node/${evil}`, `/graph/${evil}`];
  for (const text of texts) {
    const q = encodeURIComponent(text);
    paths.push(`/search?q=${q}`, `/contains?package=${q}`, `/exposed?vulnerability=${q}`, `/diff?a=${q}&b=${q}`, `/node/${q}`, `/documents/${q}`);
  }
  for (const { id } of (await ask(`nodes/${evil}/neighbours?limit=100`)).facts.map((f) => f.object ?? f.subject)) paths.push(`/node/${id}`);
  page.mayFail = /.*/; // what is no name is refused; it is the text that counts
  const loose = [];
  for (const path of new Set(paths)) {
    await page.go(path);
    await sleep(30);
    loose.push(...(await page.evaluate(() => {
      const odd = [];
      for (const e of document.querySelectorAll("img, script, iframe, svg[onload], [onerror], [onmouseover], [style], style, base, object"))
        if (!/^\/assets\//.test(e.getAttribute("src") ?? "") && !e.closest(".graph-canvas")) odd.push(e.outerHTML.slice(0, 120));
      for (const a of document.querySelectorAll("[href], [action]"))
        if (!/^(\/(?!\/)|#)/.test(a.getAttribute("href") ?? a.getAttribute("action") ?? "")) odd.push(a.outerHTML.slice(0, 120));
      if (/[\u202a-\u202e\u2066-\u2069\u0007\u200b]/.test(document.documentElement.outerHTML)) odd.push("a character that is not seen");
      return odd;
    })));
  }
  await page.$eval("#search", (e) => (e.value = ""));
  await page.type("#search", "javascript");
  await page.waitForSelector(".suggest li");
  is("strangers' names stay text everywhere", loose, []);
  is("and no script of theirs ran", page.wrong.filter((w) => !/Failed to load resource/.test(w)), []);
  is("nor was one stopped by the policy alone", await page.stopped(), []);
  note(`${new Set(paths).size} pages with hostile names`);
  await page.browserContext().close();
}

// --- questions, as far as this server answers them ---
{
  const answered = new Set(Object.keys((await ask("openapi.json")).paths).map((p) => p.replace("/api/v1/", "")));
  const page = await openPage(browser, root);
  const key = (k) => encodeURIComponent(k);
  const questions = {
    contains: `/contains?package=${key("pkg:npm/lodash@4.17.20")}`,
    dependents: `/dependents?package=${key("pkg:npm/lodash@4.17.20")}`,
    diff: `/diff?a=${key("pkg:oci/shop@1.0.0")}&b=${key("pkg:oci/shop@2.0.0")}`,
    path: `/path?from=${key("pkg:npm/lodash@4.17.20")}&to=${key("pkg:oci/shop@1.0.0")}`,
    radius: `/radius?node=${key("pkg:npm/lodash@4.17.20")}`,
    unproven: "/unproven",
    expiring: "/expiring",
  };
  for (const [name, path] of Object.entries(questions)) {
    if (!answered.has(name)) {
      note(`${name} is not answered by this server`);
      continue;
    }
    is(`${name} is answered, without a barrier`, [await page.go(path), ...(await findBarriers(page))], [200]);
  }
  if (answered.has("contains")) {
    await page.go(questions.contains);
    is("which release contains the package", /shop/.test(await textOf(page, "main")), true);
  }
  if (answered.has("diff")) {
    await page.go(questions.diff);
    const text = await textOf(page, "main");
    is("what differs between two releases", ["lodash", "left-pad", "right-pad"].every((w) => text.includes(w)) && !text.includes("common-3"), true);
  }
  await page.go(`/node?key=${key("pkg:npm/lodash@4.17.20")}`);
  is("a name leads to its page", page.url().endsWith(`/node/${lodash}`), true);
  is("nothing goes wrong with questions", [...page.wrong, ...(await page.stopped())], []);
  await page.browserContext().close();
}

// --- as wide as the window, and no wider; words, and not what came from the API ---
{
  const wide = ["/", "/documents", "/timeline", "/search?q=package", `/node/${lodash}`, "/exposed?vulnerability=CVE-2021-23337", "/contains?package=pkg:npm/lodash", "/unproven", "/expiring"];
  for (const width of [390, 800, 1280]) {
    const page = await openPage(browser, root, { width });
    const wider = [], raw = [];
    for (const path of wide) {
      await page.go(path);
      await sleep(50);
      if ((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) > 0) wider.push(path);
      if (/[{[]"/.test(await textOf(page, "main"))) raw.push(path);
    }
    is(`no page is wider than a window of ${width}`, wider, []);
    is(`and none shows what is for programs (${width})`, raw, []);
    await page.browserContext().close();
  }
  const page = await openPage(browser, root);
  await page.go("/exposed?vulnerability=CVE-2021-23337");
  const rows = await page.$$eval("#releases tbody tr", (all) => all.map((e) => e.textContent));
  is("who is exposed, and who is not", [rows.filter((r) => r.includes("exposed")).length, rows.filter((r) => r.includes("suppressed") && r.includes("not affected")).length], [2, 1]);
  is("no word of a table is broken letter by letter", await page.$$eval("#releases th, #releases td", (all) => all.every((e) => e.clientWidth > 60)), true);
  is("the answers have no barrier", await findBarriers(page), []);
  await page.browserContext().close();
}

// --- without scripts ---
{
  const page = await openPage(browser, root, { scripts: false });
  await page.go("/search?q=lodash");
  is("without scripts search has a table", (await page.$$("#found tbody tr")).length >= 1, true);
  await page.go(`/node/${lodash}`);
  is("a thing has its facts", (await page.$$("#facts tbody tr")).length > 0, true);
  is("with links to the others", (await page.$$("#facts tbody a[href^='/node/']")).length > 0, true);
  await page.go("/documents");
  is("documents are listed", (await page.$$("#documents tbody tr")).length >= 4, true);
  is("nothing goes wrong without scripts", page.wrong, []);
  await page.browserContext().close();
}

// --- five thousand nodes ---
{
  const page = await openPage(browser, root);
  await page.go(`/graph/${many}`);
  await graphReady(page);
  const expandMs = [];
  for (let i = 0; i < 12; i++) {
    const more = await page.evaluate(() => [...document.querySelectorAll('[data-does="expand"]')].length);
    if (!more) break;
    const before = await nodesShown(page);
    await page.click('[data-does="expand"]');
    await page.waitForFunction((n) => !document.querySelector(".graph").hasAttribute("aria-busy") && Number(document.querySelector(".graph").dataset.nodes) > n, { timeout: 60000 }, before).catch(() => {});
    expandMs.push(await page.$eval(".graph", (e) => Number(e.dataset.expandMs)));
  }
  const nodes = await nodesShown(page);
  is("thousands of nodes are shown", nodes >= 4900, true);
  await page.waitForFunction(() => !document.querySelector(".graph").view.layout.worker, { timeout: 120000 });
  // the drawing is dragged: how long is a frame?
  const box = await (await page.$(".graph-canvas")).boundingBox();
  await page.evaluate(() => {
    window.frames_ = [];
    const next = (last) => requestAnimationFrame((now) => {
      if (last) window.frames_.push(now - last);
      if (!window.ends_) next(now);
    });
    next(0);
  });
  const place = () => page.evaluate(() => document.querySelector(".graph").sigma.getCamera().getState());
  const from = await place();
  await page.mouse.move(box.x + 200, box.y + 60);
  await page.mouse.down();
  for (let i = 1; i <= 20; i++) await page.mouse.move(box.x + 200 + 4 * i, box.y + 60 + 2 * i);
  await page.mouse.up();
  const frames = await page.evaluate(() => {
    window.ends_ = true;
    return window.frames_.sort((a, b) => a - b);
  });
  const median = frames[frames.length >> 1], most = frames[Math.floor(frames.length * 0.95)];
  note(`${nodes} nodes: a frame takes ${median.toFixed(1)} ms, 95% of them under ${most.toFixed(1)} ms; expanding 500: ${expandMs.map((m) => m.toFixed(0)).join(", ")} ms`);
  const to = await place();
  is("and can be dragged", to.x < from.x && to.y > from.y && frames.length > 0, true);
  is("nothing goes wrong with thousands", [...page.wrong, ...(await page.stopped())], []);
  await page.browserContext().close();
}

await browser.close();
note(`${failed()} of these failed`);
