// SPDX-License-Identifier: Apache-2.0
// Where nodes are drawn. Those that are there keep their place when others come: what somebody has learned stays true.
import type { Model } from "./model";
import type { Problem } from "./force";

interface Told {
  places: Float64Array;
  done: boolean;
}

// A page with trusted types (see the service's Content-Security-Policy) takes the address of a worker from its policy alone.
const address = (() => {
  const place = "/assets/worker.js";
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
  interface Policy {
    createScriptURL(place: string): string;
  }
  const only = (asked: string): string => {
    if (asked !== place) throw new TypeError(`no script of this page: ${asked}`);
    return asked;
  };
  return types ? types.createPolicy("page", { createScriptURL: only }).createScriptURL(place) : place;
})();

export class Layout {
  private worker: Worker | null = null;

  constructor(
    private readonly model: Model,
    private readonly moved: () => void,
  ) {}

  /** Places for `free`, the others stay; null: for all. */
  run(free: Set<string> | null, whenDone: () => void): void {
    this.stop();
    const names = this.model.nodes();
    const problem = this.problem(names, free);
    const worker = new Worker(address, { type: "module" });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.worker = worker;
    worker.addEventListener("message", (event: MessageEvent<Told>) => {
      const { places, done } = event.data;
      if (done || !calm) {
        names.forEach((name, i) => {
          if (!this.model.hasNode(name)) return;
          const a = this.model.getNodeAttributes(name);
          a.x = places[2 * i]!;
          a.y = places[2 * i + 1]!;
        });
        this.moved();
      }
      if (!done) return;
      this.stop();
      whenDone();
    });
    worker.postMessage(problem);
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = null;
  }

  private problem(names: string[], free: Set<string> | null): Problem {
    const n = names.length;
    const at = new Map(names.map((name, i) => [name, i]));
    const places = new Float64Array(2 * n);
    const fixed = new Uint8Array(n);
    const sizes = new Float64Array(n);
    names.forEach((name, i) => {
      const a = this.model.getNodeAttributes(name);
      places[2 * i] = a.x;
      places[2 * i + 1] = a.y;
      fixed[i] = free && !free.has(name) ? 1 : 0;
      sizes[i] = a.size;
    });
    const edges = new Uint32Array(2 * this.model.size);
    let i = 0;
    this.model.forEachEdge((_edge, _a, from, to) => {
      edges[i++] = at.get(from)!;
      edges[i++] = at.get(to)!;
    });
    return { places, fixed, sizes, edges, rounds: n > 2000 ? 60 : n > 500 ? 120 : 240 };
  }
}
