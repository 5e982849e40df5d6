// SPDX-License-Identifier: Apache-2.0
// node build.mjs OUT.c [DEPFILE]: the page's files, bundled, as a table in C (struct graph_page_file, src/graph/page/page.h);
// what they are made of goes to DEPFILE, as make reads it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [out, depfile] = process.argv.slice(2);
if (!out) throw new Error("usage: node build.mjs OUT.c [DEPFILE]");
/** @type {string[]} */
const read = ["package-lock.json", "build.mjs"];

/** @type {Record<string, string>} */
const types = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: {
      app: "src/app.ts",
      theme: "src/theme.ts",
      worker: "src/graph/worker.ts",
      page: "src/styles/page.css",
    },
    outdir: "assets",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    chunkNames: "[name]-[hash]",
    minify: true,
    target: "es2022",
    legalComments: "inline",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  read.push(...Object.keys(result.metafile.inputs));
  return result.outputFiles.map((file) => ({ name: basename(file.path), bytes: Buffer.from(file.contents) }));
}

// icons/NAME.svg, each drawn in a box of 16, become one file of symbols.
function icons() {
  const symbols = readdirSync(join(here, "icons"))
    .filter((name) => name.endsWith(".svg") && name !== "favicon.svg")
    .sort()
    .map((name) => {
      const text = readFileSync(join(here, "icons", name), "utf8");
      read.push(`icons/${name}`);
      const inner = text.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
      return `<symbol id="${basename(name, ".svg")}" viewBox="0 0 16 16">${inner.trim()}</symbol>`;
    });
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  return { name: "icons.svg", bytes: Buffer.from(text) };
}

/** @param {Buffer} bytes */
function asC(bytes) {
  const lines = [];
  for (let i = 0; i < bytes.length; i += 32) lines.push(Array.from(bytes.subarray(i, i + 32)).join(",") + ",");
  return lines.join("\n");
}

const files = [
  ...(await bundle()),
  icons(),
  { name: "favicon.svg", bytes: readFileSync(join(here, "icons/favicon.svg")) },
];
files.sort((a, b) => (a.name < b.name ? -1 : 1));
const rows = files.map((file, i) => {
  const type = types[extname(file.name)];
  if (!type) throw new Error(`${file.name}: of what type?`);
  const etag = createHash("sha256").update(file.bytes).digest("hex").slice(0, 32);
  return `\t{ "/assets/${file.name}", "${type}", file_${i}, sizeof(file_${i}), "\\"${etag}\\"" },`;
});
writeFileSync(
  out,
  [
    "/* Made by web/build.mjs. */",
    '#include "graph/page/page.h"',
    "",
    ...files.map((file, i) => `static const unsigned char file_${i}[] = {\n${asC(file.bytes)}\n};`),
    "",
    "const struct graph_page_file graph_page_files[] = {",
    ...rows,
    "\t{ 0 },",
    "};",
    "",
  ].join("\n"),
);
if (depfile) {
  const paths = read.map((name) => resolve(here, name).replaceAll(" ", "\\ "));
  writeFileSync(depfile, `${out}: ${paths.join(" ")}\n`);
}
if (!depfile) for (const file of files) console.log(`${String(file.bytes.length).padStart(8)}  ${file.name}`);
