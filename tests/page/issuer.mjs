// SPDX-License-Identifier: Apache-2.0
// issuer.mjs URL: logging in at an issuer as people do it, where reading needs it. $EMAIL and $PASSWORD are known to Dex.
import { is, openBrowser } from "./browser.mjs";

const root = process.argv[2];
const browser = await openBrowser();
const page = await browser.newPage();
page.setDefaultTimeout(60000);
const here = () => new URL(page.url());

is("who has not logged in gets a form", (await page.goto(`${root}/documents`)).status(), 401);
await Promise.all([page.waitForNavigation(), page.click('a[href="/login/oidc"]')]);
is("whose link leads to the issuer", here().origin !== new URL(root).origin, true);
await page.type("#login", process.env.EMAIL);
await page.type("#password", "wrong-horse-battery");
await Promise.all([page.waitForNavigation(), page.click("#submit-login")]);
is("a wrong password does not lead back", here().origin !== new URL(root).origin, true);
await page.type("#password", process.env.PASSWORD); // the name still stands there
await page.click("#submit-login");
await page.waitForFunction((at) => location.href === at, {}, `${root}/`);
is("the right one leads to the first page", await page.$eval("h1", (e) => e.textContent !== "Log in"), true);
is("others can be read, too", (await page.goto(`${root}/documents`)).status(), 200);
is("scripts see no cookie", await page.evaluate(() => document.cookie), "");
const other = await (await browser.createBrowserContext()).newPage();
is("another browser still has to log in", (await other.goto(`${root}/documents`)).status(), 401);
await browser.close();
