// SPDX-License-Identifier: Apache-2.0
// The part of the graph that is looked at: which nouns are there, which facts join them, who brought them in.
import Graph from "graphology";
import type { Fact, Noun } from "../api";

export interface NodeAttributes {
  noun: Noun;
  x: number;
  y: number;
  size: number;
  label: string;
  kind: string;
  /** Its neighbours have been asked for. */
  expanded: boolean;
  /** Where the next neighbours begin; empty: all are here. */
  next: string;
  /** Those whose expansion showed it; "": it is there by itself, as the first noun of all. */
  by: Set<string>;
  shown: boolean;
}
export interface EdgeAttributes {
  kind: string;
  /** How many facts say so. */
  count: number;
  weight: number;
  shown: boolean;
}
/** Attributes are changed in place, and whoever draws is told once, when all is as it should be. */
export type Model = Graph<NodeAttributes, EdgeAttributes>;

export const mostNodes = 5000;
const roomFor = 800; // so many at their full size

/** A number from a text, the same every time (FNV-1a). */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

export const newModel = (): Model =>
  new Graph<NodeAttributes, EdgeAttributes>({ type: "directed", multi: true, allowSelfLoops: false });

function addNoun(model: Model, noun: Noun, by: string | null, place: { x: number; y: number }): boolean {
  if (model.hasNode(noun.id)) {
    if (by && by !== noun.id) model.getNodeAttribute(noun.id, "by").add(by);
    return false;
  }
  model.addNode(noun.id, {
    noun,
    ...place,
    size: 6,
    label: noun.label || noun.key,
    kind: noun.kind,
    expanded: false,
    next: "",
    by: new Set(by ? [by] : [""]),
    shown: true,
  });
  return true;
}

/** On a spiral around its neighbour: the same noun gets the same place whenever it comes in this order. */
function around(model: Model, center: string, i: number): { x: number; y: number } {
  const c = model.hasNode(center) ? model.getNodeAttributes(center) : { x: 0, y: 0 };
  const angle = i * 2.399963 + (hash(center) % 628) / 100; // the golden angle
  const far = 12 * Math.sqrt(i + 1);
  return { x: c.x + far * Math.cos(angle), y: c.y + far * Math.sin(angle) };
}

function addEdge(model: Model, from: string, to: string, kind: string): void {
  if (from === to) return;
  const key = `${from} ${kind} ${to}`;
  if (model.hasEdge(key)) model.getEdgeAttributes(key).count++;
  else model.addEdgeWithKey(key, from, to, { kind, count: 1, weight: 1, shown: true });
}

/** Facts around `center`. Those already counted are passed over. Answers whom they brought, and whether there was room. */
export function addFacts(
  model: Model,
  center: string,
  facts: Fact[],
  seen: Set<string>,
): { added: string[]; full: boolean } {
  const added: string[] = [];
  let full = false;
  const bring = (noun: Noun): boolean => {
    if (!model.hasNode(noun.id) && model.order >= mostNodes) {
      full = true;
      return false;
    }
    if (addNoun(model, noun, noun.id === center ? null : center, around(model, center, added.length)))
      added.push(noun.id);
    return true;
  };
  for (const fact of facts) {
    if (seen.has(fact.id)) {
      for (const noun of [fact.subject, fact.object]) if (noun && model.hasNode(noun.id)) bring(noun);
      continue;
    }
    if (!bring(fact.subject)) continue;
    if (fact.object && bring(fact.object)) addEdge(model, fact.subject.id, fact.object.id, fact.kind);
    for (const { node } of fact.links ?? []) if (bring(node)) addEdge(model, fact.subject.id, node.id, fact.kind);
    seen.add(fact.id);
  }
  resize(model);
  return { added, full };
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** What nobody but `center` brought in goes away, and what that had brought. Answers whom. */
export function collapse(model: Model, center: string): string[] {
  const brought = new Map<string, string[]>();
  model.forEachNode((node, a) => {
    a.by.delete(center);
    for (const by of a.by) push(brought, by, node);
  });
  const kept = new Set<string>([""]);
  for (const node of kept) for (const other of brought.get(node) ?? []) kept.add(other);
  Object.assign(model.getNodeAttributes(center), { expanded: false, next: "" });
  const gone = model.filterNodes((node) => !kept.has(node) && node !== center);
  for (const node of gone) model.dropNode(node);
  resize(model);
  return gone;
}

/** Who has many neighbours is larger; where there are many, all are smaller, or they would cover each other. */
function resize(model: Model): void {
  const scale = Math.min(1, Math.sqrt(roomFor / model.order));
  model.forEachNode((node, a) => {
    a.size = scale * Math.min(5 + 1.6 * Math.log2(1 + model.degree(node)), 18);
  });
}

/** Nouns and facts of these kinds are shown, the others are not; what is looked at stays. */
export function filter(model: Model, hiddenNouns: Set<string>, hiddenFacts: Set<string>, keep: string): void {
  model.forEachNode((node, a) => {
    a.shown = node === keep || !hiddenNouns.has(a.kind);
  });
  model.forEachEdge((_edge, a, _from, _to, from, to) => {
    a.shown = !hiddenFacts.has(a.kind) && from.shown && to.shown;
  });
}
