// SPDX-License-Identifier: Apache-2.0
// What /api/v1 answers, as far as the page reads it.

export interface Noun {
  id: string;
  kind: string;
  key: string;
  label: string;
}
export interface Fact {
  id: string;
  kind: string;
  subject: Noun;
  object?: Noun;
  links?: { role: string; node: Noun }[];
  document?: { digest: string; format?: string; origin?: string; belief?: string };
}
export interface Neighbours {
  node: Noun;
  facts: Fact[];
  next?: string;
}
export interface Found {
  nodes: Noun[];
}

/** The server's own words where it refuses. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

export async function ask<T>(path: string, given: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams(given).toString();
  const answer = await fetch(`/api/v1/${path}${query ? `?${query}` : ""}`, {
    headers: { Accept: "application/json" },
    signal: signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof TypeError) throw new Refused(0, "The server could not be reached", "");
    throw error;
  });
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    const { error, hint } = (body ?? {}) as { error?: string; hint?: string };
    throw new Refused(answer.status, error ?? `the server answered ${answer.status}`, hint ?? "");
  }
  return body as T;
}

export const search = (words: string, limit: number, signal?: AbortSignal): Promise<Found> =>
  ask<Found>("search", { q: words, limit: String(limit) }, signal);

export const neighbours = (id: string, limit: number, after = ""): Promise<Neighbours> =>
  ask<Neighbours>(`nodes/${encodeURIComponent(id)}/neighbours`, {
    limit: String(limit),
    ...(after ? { after } : {}),
  });
