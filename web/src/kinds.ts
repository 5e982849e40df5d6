// SPDX-License-Identifier: Apache-2.0
// How each kind of noun is called and drawn. Shape and words say what colour says.

export type Shape = "circle" | "square" | "diamond" | "triangle";
export interface Kind {
  name: string;
  shape: Shape;
  icon: string;
}

const kinds: Record<string, Kind> = {
  packageName: { name: "package name", shape: "circle", icon: "package" },
  package: { name: "package", shape: "circle", icon: "package" },
  source: { name: "source", shape: "diamond", icon: "source" },
  artifact: { name: "artifact", shape: "square", icon: "artifact" },
  builder: { name: "builder", shape: "diamond", icon: "builder" },
  vulnerability: { name: "vulnerability", shape: "triangle", icon: "vulnerability" },
  license: { name: "licence", shape: "circle", icon: "licence" },
  text: { name: "text", shape: "circle", icon: "document" },
  identity: { name: "identity", shape: "diamond", icon: "identity" },
  image: { name: "image", shape: "square", icon: "image" },
  logEntry: { name: "log entry", shape: "diamond", icon: "log" },
  policy: { name: "policy", shape: "triangle", icon: "policy" },
  model: { name: "model", shape: "square", icon: "model" },
  workload: { name: "workload", shape: "square", icon: "workload" },
  cluster: { name: "cluster", shape: "diamond", icon: "cluster" },
};

export const kindNames = Object.keys(kinds);
export const kindOf = (name: string): Kind => kinds[name] ?? { name, shape: "circle", icon: "document" };

/** "isDependency" as people say it: "is dependency". */
export const factWords = (kind: string): string =>
  kind.replace(
    /([a-z])([A-Z])(?=([a-z]|))/g,
    (_, a: string, b: string, c: string) => `${a} ${c ? b.toLowerCase() : b}`,
  );
