// SPDX-License-Identifier: Apache-2.0
// The graph on a page: drawn by sigma, and beside it the same as lists, for those who do not point or do not see.
import type Graph from "graphology";
import type { Attributes } from "graphology-types";
import Sigma from "sigma";
import { pathLine, sdfCircle, sdfDiamond, sdfSquare, sdfTriangle } from "sigma/rendering";
import { neighbours, Refused } from "../api";
import { icon, make, say, settled, visible } from "../dom";
import { factWords, kindNames, kindOf } from "../kinds";
import { onTheme } from "../switch";
import { Layout } from "./layout";
import { addFacts, collapse, filter, mostNodes, newModel, type Model } from "./model";

const atOnce = 500; // facts that are asked for together
const listed = 200; // rows of a list

interface Colours {
  text: string;
  surface: string;
  line: string;
  accent: string;
  kinds: Map<string, string>;
}

function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const plain = of("--kind-other");
  return {
    text: of("--text"),
    surface: of("--surface"),
    line: of("--edge"),
    accent: of("--accent"),
    kinds: new Map(kindNames.map((kind) => [kind, of(`--kind-${kind.toLowerCase()}`) || plain])),
  };
}

class GraphView {
  private readonly model: Model = newModel();
  private readonly seen = new Set<string>();
  private readonly hiddenNouns = new Set<string>();
  private readonly hiddenFacts = new Set<string>();
  private readonly layout: Layout;
  private sigma: Sigma | null = null;
  private colours = readColours();
  private selected: string;

  private readonly canvas: HTMLElement;
  private readonly status = make("p", { class: "graph-status" });
  private readonly filters = make("div", { class: "graph-filters" });
  private readonly panel = make("div", { class: "graph-panel" });
  private readonly listSoon = settled(80, () => this.showLists());

  constructor(
    private readonly place: HTMLElement,
    private readonly first: string,
  ) {
    this.selected = first;
    this.layout = new Layout(this.model, () => this.sigma?.refresh({ schedule: true }));
    this.canvas = make("div", { class: "graph-canvas", tabindex: 0, role: "img", "aria-label": "Graph" });
    const button = (name: string, words: string, does: () => void): HTMLButtonElement =>
      make("button", { type: "button", class: "tool", title: words, "aria-label": words, onclick: does }, icon(name));
    const tools = make(
      "div",
      { class: "graph-tools", role: "group", "aria-label": "Graph" },
      button("zoom-in", "Zoom in", () => void this.sigma?.getCamera().zoomIn({ duration: 150 })),
      button("zoom-out", "Zoom out", () => void this.sigma?.getCamera().zoomOut({ duration: 150 })),
      button("fit", "Show all", () => this.fit()),
      button("layout", "Arrange again", () => this.layout.run(null, () => this.fit())),
    );
    place.replaceChildren(
      make("div", { class: "graph-stage" }, this.canvas, tools, this.status),
      make("div", { class: "graph-side" }, this.panel, this.filters),
    );
    new ResizeObserver(() => this.sigma?.resize().scheduleRender()).observe(this.canvas);
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    onTheme(() => {
      this.colours = readColours();
      this.draw();
    });
  }

  async start(): Promise<void> {
    if (!(await this.expand(this.first, true))) return;
    this.draw();
    this.select(this.first);
  }

  /** Ask for the neighbours, the next ones where some are here. */
  async expand(id: string, isFirst = false): Promise<boolean> {
    this.place.setAttribute("aria-busy", "true");
    const began = performance.now();
    try {
      const after = this.model.hasNode(id) ? this.model.getNodeAttribute(id, "next") : "";
      const answer = await neighbours(id, atOnce, after);
      if (isFirst && !this.model.hasNode(id))
        addFacts(this.model, id, [{ id: "", kind: "", subject: answer.node }], new Set());
      const { added, full } = addFacts(this.model, id, answer.facts, this.seen);
      const next = String(answer.next ?? "");
      Object.assign(this.model.getNodeAttributes(id), { expanded: true, next: next === "0" ? "" : next });
      this.filter();
      this.layout.run(isFirst ? null : new Set(added), () => isFirst && this.fit());
      const count = added.length === 1 ? "1 thing added" : `${added.length} things added`;
      const words = isFirst && !added.length ? "No fact joins it to anything else" : count;
      this.tell(full ? `${words}; the drawing is full at ${mostNodes}` : words);
      this.select(this.selected);
      this.place.dataset["expandMs"] = (performance.now() - began).toFixed(1);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message);
      return false;
    } finally {
      this.place.removeAttribute("aria-busy");
    }
  }

  collapse(id: string): void {
    this.layout.stop();
    const gone = collapse(this.model, id);
    // what went away may be asked for again
    if (gone.length) this.forgetFacts();
    if (!this.model.hasNode(this.selected)) this.selected = id;
    this.filter();
    this.tell(gone.length === 1 ? "1 thing taken away" : `${gone.length} things taken away`);
    this.select(this.selected);
  }

  private forgetFacts(): void {
    this.seen.clear();
    this.model.forEachEdge((_edge, a) => {
      a.count = 0;
    });
  }

  private draw(): void {
    const view = this.sigma?.getCamera().getState();
    this.sigma?.kill();
    this.sigma = null;
    if (!document.createElement("canvas").getContext("webgl2")) {
      this.tell("This browser does not draw graphs (WebGL 2 is switched off); the lists have the same");
      return;
    }
    const c = this.colours;
    const sigma = new Sigma<Attributes, Attributes>(this.model as unknown as Graph, this.canvas, {
      settings: {
        gestureTarget: "graph",
        allowInvalidContainer: true, // it has no size before the styles are there; below
        labelDensity: 0.6,
        labelGridCellSize: 120,
        labelRenderedSizeThreshold: 5,
        minCameraRatio: 0.02,
        maxCameraRatio: 4,
        hideLabelsOnMove: true,
        // where a processor draws, thousands of lines take longer than all else
        hideEdgesOnMove: true,
        stagePadding: Math.max(40, Math.min(120, this.canvas.clientWidth / 6)), // labels stand to the right
        itemSizesReference: "screen",
        nodePickingPadding: 3, // among thousands they are small
      },
      primitives: {
        nodes: { shapes: [sdfCircle(), sdfSquare(), sdfDiamond(), sdfTriangle()] },
        // sigma's own choice has loops too, for whose curves each line is made of 64 triangles; nothing here is joined to itself
        edges: { paths: [pathLine()] },
      },
      styles: {
        nodes: {
          x: { attribute: "x" },
          y: { attribute: "y" },
          size: { attribute: "size" },
          shape: (a) => kindOf(a["kind"] as string).shape,
          color: (a) => c.kinds.get(a["kind"] as string) ?? c.line,
          label: (a) => visible(a["label"] as string).slice(0, 60),
          labelColor: c.text,
          labelSize: 12,
          labelFont: "system-ui, sans-serif",
          visibility: (a) => (a["shown"] ? "visible" : "hidden"),
          labelVisibility: { whenState: "isHighlighted", then: "visible", else: "auto" },
          backdropVisibility: { whenState: "isHighlighted", then: "visible", else: "hidden" },
          backdropColor: c.surface,
          backdropBorderColor: c.accent,
          backdropBorderWidth: 2,
          backdropPadding: 4,
          backdropShadowBlur: 0,
        },
        edges: {
          color: c.line,
          size: 1,
          head: "none",
          visibility: (a) => (a["shown"] ? "visible" : "hidden"),
        },
      },
    });
    sigma.on("clickNode", ({ node }) => this.select(node));
    sigma.on("doubleClickNode", (payload) => {
      payload.preventSigmaDefault();
      void this.toggle(payload.node);
    });
    if (view) sigma.getCamera().setState(view);
    this.sigma = sigma;
    Object.assign(this.place, { sigma });
    this.mark();
  }

  private toggle(id: string): Promise<boolean> | void {
    const a = this.model.getNodeAttributes(id);
    if (a.expanded && !a.next) this.collapse(id);
    else return this.expand(id);
  }

  private fit(): void {
    void this.sigma?.getCamera().reset({ duration: 200 });
  }

  private filter(): void {
    filter(this.model, this.hiddenNouns, this.hiddenFacts, this.first);
    this.sigma?.refresh({ schedule: true });
    this.showFilters();
    this.listSoon();
  }

  private mark(): void {
    if (!this.sigma) return;
    const names = this.model.nodes();
    this.sigma.setNodesState(names, { isHighlighted: false });
    if (this.model.hasNode(this.selected)) this.sigma.setNodeState(this.selected, { isHighlighted: true });
  }

  select(id: string): void {
    if (!this.model.hasNode(id)) return;
    this.selected = id;
    this.mark();
    this.listSoon();
  }

  private tell(words: string): void {
    this.status.textContent = words;
    say(words);
  }

  private onKey(event: KeyboardEvent): void {
    const camera = this.sigma?.getCamera();
    if (!camera || event.ctrlKey || event.metaKey || event.altKey) return;
    const { x, y, ratio } = camera.getState();
    const step = 0.1 * ratio;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => camera.setState({ x: x - step }),
      ArrowRight: () => camera.setState({ x: x + step }),
      ArrowUp: () => camera.setState({ y: y + step }),
      ArrowDown: () => camera.setState({ y: y - step }),
      "+": () => camera.setState({ ratio: ratio / 1.3 }),
      "=": () => camera.setState({ ratio: ratio / 1.3 }),
      "-": () => camera.setState({ ratio: ratio * 1.3 }),
      "0": () => this.fit(),
      Enter: () => void this.toggle(this.selected),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  private showFilters(): void {
    const count = (kinds: Iterable<string>): Map<string, number> => {
      const n = new Map<string, number>();
      for (const kind of kinds) n.set(kind, (n.get(kind) ?? 0) + 1);
      return n;
    };
    const nouns = count(this.model.mapNodes((_n, a) => a.kind));
    const facts = count(this.model.mapEdges((_e, a) => a.kind));
    const group = (title: string, kinds: Map<string, number>, hidden: Set<string>, words: (kind: string) => string) =>
      make(
        "fieldset",
        { class: "graph-filter" },
        make("legend", {}, title),
        ...[...kinds]
          .sort((a, b) => b[1] - a[1])
          .map(([kind, n]) => {
            const box = make("input", { type: "checkbox", checked: !hidden.has(kind), "data-kind": kind });
            box.addEventListener("change", () => {
              if (box.checked) hidden.delete(kind);
              else hidden.add(kind);
              filter(this.model, this.hiddenNouns, this.hiddenFacts, this.first);
              this.sigma?.refresh({ schedule: true });
              this.listSoon();
              say(`${words(kind)} ${box.checked ? "shown" : "hidden"}`);
            });
            const mark = make("span", { class: `kind-mark kind-${kind}`, "data-shape": kindOf(kind).shape });
            return make(
              "label",
              {},
              box,
              title === "Things" && mark,
              words(kind),
              make("span", { class: "count" }, String(n)),
            );
          }),
      );
    const focused = (document.activeElement as HTMLElement | null)?.dataset["kind"];
    const had = this.filters.contains(document.activeElement);
    this.filters.replaceChildren(
      group("Things", nouns, this.hiddenNouns, (kind) => kindOf(kind).name),
      group("Facts", facts, this.hiddenFacts, factWords),
    );
    if (had && focused) this.filters.querySelector<HTMLElement>(`[data-kind="${CSS.escape(focused)}"]`)?.focus();
  }

  /** What is selected, what can be done with it, and its neighbours as buttons. */
  private showLists(): void {
    if (!this.model.hasNode(this.selected)) return;
    const a = this.model.getNodeAttributes(this.selected);
    const kind = kindOf(a.kind);
    const shown = this.model.filterNodes((_n, b) => b.shown).length;
    this.canvas.setAttribute(
      "aria-label",
      `Graph of ${shown} things and ${this.model.size} facts; the lists beside it have the same`,
    );
    this.place.dataset["nodes"] = String(shown);
    const does = (name: string, words: string, what: () => void): HTMLButtonElement =>
      make("button", { type: "button", class: "button", onclick: what, "data-does": name }, icon(name), words);
    const rows = this.model
      .neighbors(this.selected)
      .filter((n) => this.model.getNodeAttribute(n, "shown"))
      .map((n) => ({ n, b: this.model.getNodeAttributes(n) }))
      .sort((p, q) => p.b.kind.localeCompare(q.b.kind) || p.b.label.localeCompare(q.b.label));
    const had = this.panel.contains(document.activeElement) ? document.activeElement : null;
    const again = (had as HTMLElement | null)?.dataset["does"] ?? (had as HTMLElement | null)?.dataset["node"];
    this.panel.replaceChildren(
      make("h3", {}, make("bdi", {}, visible(a.label))),
      make("p", { class: "muted" }, kind.name),
      make(
        "p",
        { class: "buttons" },
        (!a.expanded || a.next) && does("expand", a.next ? "More" : "Expand", () => void this.expand(this.selected)),
        a.expanded && does("collapse", "Collapse", () => this.collapse(this.selected)),
        make("a", { class: "button", href: `/node/${encodeURIComponent(this.selected)}` }, "Open"),
      ),
      make("h4", {}, rows.length === 1 ? "1 neighbour" : `${rows.length} neighbours`),
      make(
        "ul",
        { class: "graph-list" },
        ...rows
          .slice(0, listed)
          .map(({ n, b }) =>
            make(
              "li",
              {},
              make(
                "button",
                { type: "button", "data-node": n, onclick: () => this.select(n) },
                make("span", { class: `kind-mark kind-${b.kind}`, "data-shape": kindOf(b.kind).shape }),
                make("bdi", {}, visible(b.label)),
                make("span", { class: "muted" }, kindOf(b.kind).name),
              ),
            ),
          ),
      ),
      ...(rows.length > listed ? [make("p", { class: "muted" }, `and ${rows.length - listed} more`)] : []),
    );
    if (!had) return;
    const next =
      (again &&
        this.panel.querySelector<HTMLElement>(
          `[data-does="${CSS.escape(again)}"], [data-node="${CSS.escape(again)}"]`,
        )) ||
      this.panel.querySelector<HTMLElement>("button, a");
    next?.focus();
  }
}

export async function startGraph(place: HTMLElement): Promise<void> {
  const id = place.dataset["graph"];
  if (!id) return;
  const view = new GraphView(place, id);
  Object.assign(place, { view });
  await view.start();
  place.dataset["ready"] = "yes";
}
