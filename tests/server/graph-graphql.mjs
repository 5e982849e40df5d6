#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// graph-graphql.mjs MODULES URL [SCHEMAS]: the graph's GraphQL as graphql-js sees it. Its schema is valid and, beside
// GUAC's own (SCHEMAS), breaks no query; of queries, good, bad and mutilated ones, both say the same.
import { createRequire } from "node:module";
import fs from "node:fs";
const [modules, url, schemas] = process.argv.slice(2);
const g = createRequire(modules + "/")("graphql");

async function ask(query, variables, operationName) {
  const r = await fetch(url + "/query", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return [r.status, await r.json()];
}
let bad = 0;
function fail(what) {
  console.log(what);
  bad++;
}

// --- the schema ---
const [, about] = await ask(g.getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, directiveIsRepeatable: true }));
if (about.errors) fail("introspection: " + JSON.stringify(about.errors));
const schema = g.buildClientSchema(about.data);
for (const e of g.validateSchema(schema)) fail("schema: " + e.message);
if (schemas) {
  const text = fs.readdirSync(schemas).map((f) => fs.readFileSync(schemas + "/" + f, "utf8")).join("\n");
  const guac = g.buildSchema("type Query\ntype Mutation\n" + text);
  const written = new Set(); // what only mutations take or give
  const reach = (type) => {
    type = g.getNamedType(type);
    if (written.has(type.name)) return;
    written.add(type.name);
    for (const f of Object.values(type.getFields?.() ?? {})) {
      reach(f.type);
      for (const a of f.args ?? []) reach(a.type);
    }
    for (const t of type.getTypes?.() ?? []) reach(t);
  };
  reach(guac.getQueryType());
  let n = 0;
  for (const c of g.findBreakingChanges(guac, schema)) {
    const name = c.description.match(/^\w+/)[0];
    if (c.type === "TYPE_REMOVED" && !written.has(name) && name !== "Query") continue;
    // of the language of schemas; and a directive that no query of GUAC's uses
    if (/^(deprecated|specifiedBy|oneOf|filter) was removed/.test(c.description)) continue;
    fail("beside GUAC's: " + c.description);
  }
  for (const name of written) n += schema.getType(name) !== undefined;
  console.log(`${n} types that queries reach are GUAC's`);
}

// --- neighbours: each is the node of its id ---
const PARTS = "{ packages(pkgSpec: {}) { id namespaces { id names { id versions { id } } } } sources(sourceSpec: {}) { id namespaces { id names { id } } } }";
const TREES = `__typename ... on Package { type namespaces { namespace names { name versions { version } } } }
  ... on Source { type namespaces { namespace names { name } } } ... on Artifact { digest } ... on IsDependency { id } ... on IsOccurrence { id }`;
const ids = new Set(JSON.stringify((await ask(PARTS))[1]).match(/(?<="id":")[^"]+/g));
let beside = 0;
for (const id of [...ids].slice(0, 200)) {
  const [, all] = await ask(`query N($n: ID!) { neighbors(node: $n, usingOnly: []) { ${TREES} } neighborsList(node: $n, usingOnly: [], first: 500) { edges { cursor node { ${TREES} } } } }`, { n: id });
  const edges = all.data?.neighborsList.edges;
  if (!edges) fail(`neighbours of ${id}: ${JSON.stringify(all)}`);
  else if (edges.length < 500 && JSON.stringify(edges.map((e) => e.node)) !== JSON.stringify(all.data.neighbors)) fail(`neighbours of ${id}: a page has others`);
  for (const e of (edges ?? []).slice(0, 5)) {
    const [, one] = await ask(`query O($n: ID!) { node(node: $n) { ${TREES} } }`, { n: e.cursor });
    if (JSON.stringify(one.data?.node) !== JSON.stringify(e.node)) fail(`${e.cursor} beside ${id}: ${JSON.stringify(e.node)}, by its id ${JSON.stringify(one)}`);
    beside++;
  }
}
if (beside < 5) fail(`${beside} neighbours of ${ids.size} nodes`);
console.log(`${beside} neighbours are what their ids are`);

// --- queries: good ones, and what becomes of them ---
const seeds = [
  "{ __typename }",
  "query Q($n: Int = 2, $on: Boolean!) { artifactsList(artifactSpec: {}, first: $n) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ...A } } } } fragment A on Artifact { id algorithm @include(if: $on) digest @skip(if: $on) }",
  '{ packages(pkgSpec: {type: "npm", qualifiers: [{key: "a", value: "b"}], matchOnlyEmptyQualifiers: false}) { type namespaces { namespace names { name versions { version qualifiers { key value } } } } } }',
  '{ HasSBOM(hasSBOMSpec: {subject: {artifact: {algorithm: "sha256"}}}) { id subject { __typename ... on Artifact { digest } ... on Package { type } } includedDependencies { dependencyType package { type } } } }',
  '{ a: findSoftware(searchText: "a") { ... on Source { type } } b: findSoftware(searchText: "b") { __typename } }',
  'query N($e: [Edge!]!) { neighbors(node: "1", usingOnly: $e) { ... on IsDependency { id } ...P } } fragment P on Package { id ...Q } fragment Q on Package { type }',
  "{ CertifyVEXStatement(certifyVEXStatementSpec: {status: AFFECTED}) { status vulnerability { vulnerabilityIDs { id } } } }",
  "{ scorecards(scorecardSpec: {checks: [{check: \"a\", score: 1}], aggregateScore: 1.5}) { scorecard { checks { check score } aggregateScore } } }",
  '{ __type(name: "Node") { kind possibleTypes { name } } }',
];
const variables = { n: 1, on: true, e: ["PACKAGE_IS_DEPENDENCY"] };
// Rules that make no difference to an answer (what is not used), or are about several operations.
const left = new Set(["NoUnusedFragmentsRule", "NoUnusedVariablesRule", "LoneAnonymousOperationRule", "UniqueOperationNamesRule",
  "VariablesInAllowedPositionRule", "NoUndefinedVariablesRule", "MaxIntrospectionDepthRule"]);
const rules = g.specifiedRules.filter((r) => !left.has(r.name));
function judge(query) {
  let document;
  try {
    document = g.parse(query);
  } catch (e) {
    return "syntax: " + e.message;
  }
  const errors = g.validate(schema, document, rules);
  return errors.length ? errors[0].message : "";
}
let state = Number(process.env.SEED ?? 7);
const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
function mutate(query) {
  const tokens = query.match(/\.\.\.|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|-?[\d.]+|\S/g);
  for (let k = 1 + random(2); k > 0; k--) {
    const at = random(tokens.length), other = tokens[random(tokens.length)];
    const how = random(4);
    if (how === 0) tokens.splice(at, 1);
    else if (how === 1) tokens.splice(at, 0, other);
    else if (how === 2) tokens[at] = other;
    else tokens[at] = [tokens[random(tokens.length)], tokens[at]].join(" ");
  }
  return tokens.join(" ");
}
const total = Number(process.env.QUERIES ?? 300);
let good = 0, same = 0;
for (let i = 0; i < total; i++) {
  const query = i < seeds.length ? seeds[i] : mutate(seeds[random(seeds.length)]);
  const want = judge(query);
  const [status, answer] = await ask(query, variables);
  const why = answer.errors?.[0].message ?? "";
  // what is only seen once it runs: variables, several operations, nodes that are not there
  const runs = /variable|operation|there is no node|No path|is not a value of type|has null in its list|only read here/.test(why);
  if (!want) good++;
  if (!!want === !!why || (!want && runs)) same++;
  else fail(`query ${i}: ${JSON.stringify(query)}\n  graphql-js: ${want || "good"}\n  hullmark: ${status} ${why || "good"}`);
}
if (good < seeds.length) fail("the seeds are not good");
console.log(`${same} of ${total} queries are judged alike, ${good} of them good`);
process.exit(bad ? 1 : 0);
