// SPDX-License-Identifier: Apache-2.0
// Parts of packages that have no types of their own.
declare module "graphology-layout-forceatlas2/iterate.js" {
  export default function iterate(settings: object, nodes: Float32Array, edges: Float32Array): void;
}
declare module "graphology-layout-forceatlas2/defaults.js" {
  const settings: Record<string, number | boolean>;
  export default settings;
}
