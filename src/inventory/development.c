/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/development.h"

static struct hm_str path_of(const struct inventory_component *c)
{
	return c->locations_n ? c->locations[0].path : HM_STR("");
}

/* The folder of a file, with its '/'; empty for the top. */
static struct hm_str folder_of(struct hm_str path)
{
	size_t slash = hm_rfind_char(path, '/');
	return slash == SIZE_MAX ? HM_STR("") : hm_sub(path, 0, slash + 1);
}

/* --- npm --- */

/* Is there a lock file that has this package for development, and whose node_modules it is in? */
static bool is_locked_for_development(const struct inventory *inv, const uint32_t *locks, size_t n,
				      const struct inventory_component *c)
{
	for (size_t i = 0; i < n; i++) {
		struct hm_str folder = folder_of(path_of(&inv->components[locks[i]]));
		if (hm_starts(path_of(c), folder) &&
		    hm_starts(hm_from(path_of(c), folder.n), HM_STR("node_modules/")))
			return true;
	}
	return false;
}

/* The same package from several files is a row of neighbours. Only so many lock files are looked
 * at for one package: what is left out is not marked. */
static void mark_npm(struct inventory *inv)
{
	uint32_t locks[64];
	for (size_t from = 0, to; from < inv->n; from = to) {
		size_t n = 0;
		for (to = from; to < inv->n; to++) {
			const struct inventory_component *c = &inv->components[to];
			if (!hm_eq(c->purl, inv->components[from].purl))
				break;
			if (c->dev && hm_eqz(c->cataloger, "npm-lock") && n < HM_LEN(locks))
				locks[n++] = (uint32_t)to;
		}
		for (size_t i = from; n && i < to; i++)
			if (hm_eqz(inv->components[i].cataloger, "npm-installed"))
				inv->components[i].dev =
					is_locked_for_development(inv, locks, n,
								  &inv->components[i]);
	}
}

/* --- Cargo --- */

struct crates {
	struct inventory *inv;
	const struct inventory_statements *statements;
	bool *reached, *needed; /* by component; needed: somebody depends on it */
	uint32_t *stack;
	size_t stack_n;
};

static bool is_crate(const struct inventory_component *c)
{
	return hm_eqz(c->cataloger, "cargo-lock");
}

/* Does a manifest in or below the lock file's folder list `to` for development of `from`? */
static bool is_for_development(const struct crates *x, const struct inventory_component *from,
			       const struct inventory_component *to)
{
	for (size_t i = 0; i < x->statements->n; i++) {
		const struct inventory_component *s = &x->statements->p[i];
		if (hm_eq(s->name, from->name) && hm_starts(path_of(s), folder_of(path_of(from))) &&
		    hm_strs_has(&s->depends, to->name))
			return true;
	}
	return false;
}

static void mark_reached(struct crates *x, uint32_t i)
{
	if (x->reached[i])
		return;
	x->reached[i] = true;
	x->stack[x->stack_n++] = i;
}

/* The first edge of a component; edges are sorted. */
static size_t first_edge(const struct inventory *inv, uint32_t from)
{
	size_t low = 0, high = inv->edges_n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (inv->edges[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static hm_err mark_crates(struct hm_cx *cx, struct crates *x)
{
	struct inventory *inv = x->inv;
	for (size_t i = 0; i < inv->edges_n; i++)
		x->needed[inv->edges[i].to] = true;
	/* What nobody depends on is what is built: the project and its members. */
	for (uint32_t i = 0; i < inv->n; i++)
		if (is_crate(&inv->components[i]) && !x->needed[i])
			mark_reached(x, i);
	while (x->stack_n) {
		uint32_t from = x->stack[--x->stack_n];
		HM_TRY(hm_alive(cx));
		for (size_t e = first_edge(inv, from);
		     e < inv->edges_n && inv->edges[e].from == from; e++)
			if (!is_for_development(x, &inv->components[from],
						&inv->components[inv->edges[e].to]))
				mark_reached(x, inv->edges[e].to);
	}
	return NULL;
}

/* Only where a manifest said something: in a circle that nothing leads into, all is kept. */
static bool has_statement(const struct crates *x, const struct inventory_component *c)
{
	for (size_t i = 0; i < x->statements->n; i++)
		if (hm_starts(path_of(&x->statements->p[i]), folder_of(path_of(c))))
			return true;
	return false;
}

hm_err inventory_mark_development(struct hm_cx *cx, struct inventory *inv,
				  const struct inventory_statements *statements)
{
	mark_npm(inv);
	if (!statements->n)
		return NULL;
	HM_TRY(hm_charge(cx, inv->n * (2 * sizeof(bool) + sizeof(uint32_t))));
	struct crates x = { .inv = inv, .statements = statements };
	x.reached = hm_new(cx, bool, inv->n);
	x.needed = hm_new(cx, bool, inv->n);
	x.stack = hm_new(cx, uint32_t, inv->n);
	HM_TRY(mark_crates(cx, &x));
	for (size_t i = 0; i < inv->n; i++)
		if (is_crate(&inv->components[i]) && !x.reached[i] &&
		    has_statement(&x, &inv->components[i]))
			inv->components[i].dev = true;
	return NULL;
}
