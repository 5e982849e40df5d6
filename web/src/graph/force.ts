// SPDX-License-Identifier: Apache-2.0
// ForceAtlas2 on plain numbers (graphology-layout-forceatlas2). The package's own worker is made out of a text, which the
// page's Content-Security-Policy refuses; this one is a file (worker.ts).
import usual from "graphology-layout-forceatlas2/defaults.js";
import iterate from "graphology-layout-forceatlas2/iterate.js";

export interface Problem {
  /** x and y of each node. */
  places: Float64Array;
  /** Which nodes stay where they are. */
  fixed: Uint8Array;
  sizes: Float64Array;
  /** From and to, as numbers of nodes. */
  edges: Uint32Array;
  rounds: number;
}

// The package's matrices: how many numbers a node has and an edge, and which is which.
const perNode = 10;
const perEdge = 3;
const [mass, convergence, size, fixedAt] = [6, 7, 8, 9];
const tellEach = 10;

/** The same problem has the same answer every time. */
export function settle(problem: Problem, tell: (places: Float64Array, done: boolean) => void): void {
  const { places, fixed, sizes, edges, rounds } = problem;
  const n = fixed.length;
  const nodes = new Float32Array(n * perNode);
  const joined = new Float32Array((edges.length / 2) * perEdge);
  for (let i = 0; i < n; i++) {
    nodes[i * perNode] = places[2 * i]!;
    nodes[i * perNode + 1] = places[2 * i + 1]!;
    nodes[i * perNode + mass] = 1;
    nodes[i * perNode + convergence] = 1;
    nodes[i * perNode + size] = sizes[i]!;
    nodes[i * perNode + fixedAt] = fixed[i]!;
  }
  for (let i = 0; i < edges.length / 2; i++) {
    const from = edges[2 * i]! * perNode;
    const to = edges[2 * i + 1]! * perNode;
    joined.set([from, to, 1], i * perEdge);
    nodes[from + mass]! += 1;
    nodes[to + mass]! += 1;
  }
  const settings = {
    ...usual,
    gravity: 0.5,
    scalingRatio: 14,
    slowDown: 1 + Math.log(n + 1),
    barnesHutOptimize: n > 300,
    barnesHutTheta: 0.7,
  };
  for (let round = 1; round <= rounds; round++) {
    iterate(settings, nodes, joined);
    if (round !== rounds && round % tellEach !== 0) continue;
    const out = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      out[2 * i] = nodes[i * perNode]!;
      out[2 * i + 1] = nodes[i * perNode + 1]!;
    }
    tell(out, round === rounds);
  }
}
