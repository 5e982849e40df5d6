// SPDX-License-Identifier: Apache-2.0
// The part of the graph that is looked at: what comes, what goes, where it stands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

/** @param {string} file */
async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`);
}
const here = new URL("../src/", import.meta.url).pathname;
const { addFacts, collapse, filter, newModel, mostNodes } = await load(`${here}graph/model.ts`);
const { settle } = await load(`${here}graph/force.ts`);
const { factWords, kindOf } = await load(`${here}kinds.ts`);

/** @param {string} id */
const noun = (id, kind = "package") => ({ id, kind, key: `key ${id}`, label: `label ${id}` });
/** @param {string} from @param {string} to */
const fact = (from, to, kind = "isDependency", id = `${from}-${to}-${kind}`) => ({
  id,
  kind,
  subject: noun(from),
  object: noun(to),
});
/** @param {string} _ @param {{ shown: boolean }} a */
const isShown = (_, a) => a.shown;

test("facts bring nouns, each once", () => {
  const model = newModel();
  const seen = new Set();
  const { added } = addFacts(
    model,
    "1",
    [fact("1", "2"), fact("1", "3"), fact("1", "3", "isDependency", "again")],
    seen,
  );
  assert.deepEqual(added.sort(), ["1", "2", "3"]);
  assert.equal(model.size, 2);
  assert.equal(model.getEdgeAttribute("1 isDependency 3", "count"), 2);
  assert.deepEqual(addFacts(model, "1", [fact("1", "2")], seen).added, []);
  assert.equal(model.getEdgeAttribute("1 isDependency 2", "count"), 1);
});

test("links are neighbours, and a fact of one noun is none", () => {
  const model = newModel();
  const slsa = {
    id: "a",
    kind: "hasSLSA",
    subject: noun("1"),
    links: [{ role: "material", node: noun("9", "source") }],
  };
  addFacts(model, "1", [slsa, { id: "b", kind: "hasMetadata", subject: noun("1") }, fact("1", "1")], new Set());
  assert.deepEqual(model.nodes().sort(), ["1", "9"]);
  assert.equal(model.size, 1);
});

test("collapsing takes away what nobody else brought", () => {
  const model = newModel();
  const seen = new Set();
  addFacts(model, "1", [fact("1", "2"), fact("1", "3")], seen);
  addFacts(model, "2", [fact("2", "3"), fact("2", "4"), fact("1", "2")], seen);
  addFacts(model, "4", [fact("4", "5")], seen);
  assert.deepEqual(collapse(model, "2").sort(), ["4", "5"]);
  assert.deepEqual(model.nodes().sort(), ["1", "2", "3"]);
  assert.deepEqual(collapse(model, "2"), []);
});

test("in a circle nothing goes on for ever", () => {
  const model = newModel();
  const seen = new Set();
  addFacts(model, "1", [fact("1", "2")], seen);
  addFacts(model, "2", [fact("2", "3"), fact("3", "1")], seen);
  addFacts(model, "3", [fact("3", "1"), fact("2", "3")], seen);
  collapse(model, "1");
  assert.ok(model.hasNode("1"));
});

test("kinds are filtered, but not what is looked at", () => {
  const model = newModel();
  addFacts(model, "1", [fact("1", "2"), fact("1", "3", "hasSBOM")], new Set());
  filter(model, new Set(["package"]), new Set(), "1");
  assert.deepEqual(model.filterNodes(isShown), ["1"]);
  assert.deepEqual(model.filterEdges(isShown), []);
  filter(model, new Set(), new Set(["hasSBOM"]), "1");
  assert.deepEqual(model.filterEdges(isShown), ["1 isDependency 2"]);
});

test("there is an end to it", () => {
  const model = newModel();
  const facts = Array.from({ length: mostNodes + 10 }, (_, i) => fact("1", String(i + 2)));
  assert.equal(addFacts(model, "1", facts, new Set()).full, true);
  assert.equal(model.order, mostNodes);
});

test("the same problem has the same layout, and what is fixed stays", () => {
  const problem = () => ({
    places: Float64Array.from([0, 0, 10, 0, 0, 10, 7, 7]),
    fixed: Uint8Array.from([1, 0, 0, 0]),
    sizes: Float64Array.from([5, 5, 5, 5]),
    edges: Uint32Array.from([0, 1, 0, 2, 0, 3]),
    rounds: 50,
  });
  const answers = [0, 1].map(() => {
    /** @type {number[]} */
    let last = [];
    let ends = 0;
    settle(problem(), (/** @type {Float64Array} */ places, /** @type {boolean} */ done) => {
      last = [...places];
      if (done) ends++;
    });
    assert.equal(ends, 1);
    return last;
  });
  assert.deepEqual(answers[0], answers[1]);
  assert.deepEqual(answers[0]?.slice(0, 2), [0, 0]);
  assert.ok(answers[0]?.every(Number.isFinite));
});

test("words", () => {
  assert.equal(factWords("isDependency"), "is dependency");
  assert.equal(factWords("hasSBOM"), "has SBOM");
  assert.equal(kindOf("license").name, "licence");
  assert.equal(kindOf("something").shape, "circle");
});
