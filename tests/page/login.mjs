// SPDX-License-Identifier: Apache-2.0
// login.mjs URL: logging in as people do it, where reading needs it. $TOKEN is one that is known.
import { is, openBrowser } from "./browser.mjs";

const root = process.argv[2];
const browser = await openBrowser();
const page = await browser.newPage();
const send = async (token) => {
  await page.type("#token", token);
  return (await Promise.all([page.waitForNavigation(), page.click("button")]))[0].status();
};

is("who has not logged in gets a form", (await page.goto(`${root}/documents`)).status(), 401);
is("with a wrong token again", await send("wrong-horse-battery"), 401);
is("which says why", await page.$eval("[role=alert]", (e) => e.textContent), "this token is not known here");
is("with the right one a page", await send(process.env.TOKEN), 200);
is("the first one", new URL(page.url()).pathname, "/");
is("and others after it", (await page.goto(`${root}/documents`)).status(), 200);
await browser.close();
