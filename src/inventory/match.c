/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/match.h"

#include "base/map.h"

enum { SLOTS = 256, NAMES_MAX = 16 };

struct inventory_pattern {
	struct hm_str names[NAMES_MAX]; /* each with one '*' at most; may begin with '~' */
	size_t names_n;
	bool anywhere; /* begins with two stars */
	bool database; /* links to it are followed as such */
	uint64_t row;
	uint32_t next; /* in its chain: index + 1 */
};

uint64_t inventory_path_hash(const struct inventory_seed *seed, enum inventory_path_kind kind,
			     struct hm_str path)
{
	return hm_hash_keyed(seed->key, kind, path) >> (64 - INVENTORY_PATH_HASH_BITS);
}

static struct hm_str find_extension(struct hm_str name)
{
	size_t dot = hm_rfind_char(name, '.');
	return dot == SIZE_MAX ? HM_STR("") : hm_from(name, dot);
}

/* In any case of letters: matches_path() looks closer. */
static size_t hash_slot(struct hm_str s)
{
	enum { LONG_ENOUGH = 32 };
	char lower[LONG_ENOUGH];
	size_t n = s.n < LONG_ENOUGH ? s.n : LONG_ENOUGH;
	for (size_t i = 0; i < n; i++)
		lower[i] = hm_lower_char(s.p[i]);
	return (size_t)hm_hash(hm_bytes(lower, n)) % SLOTS;
}

/* A name of a pattern without its mark. */
static bool is_nocase(struct hm_str *name)
{
	if (!hm_starts(*name, HM_STR("~")))
		return false;
	*name = hm_from(*name, 1);
	return true;
}

static void add_pattern(struct hm_cx *cx, struct inventory_matcher *m, const char *text,
			uint64_t row, bool required)
{
	struct inventory_pattern p = { .row = row };
	struct hm_str rest = hm_cstr(text);
	if (hm_starts(rest, HM_STR("**/"))) {
		p.anywhere = true;
		rest = hm_from(rest, 3);
	}
	p.database = required && !p.anywhere;
	while (rest.n && p.names_n < NAMES_MAX)
		p.names[p.names_n++] = hm_cut(&rest, '/');
	struct hm_str last = hm_dup(cx, p.names[p.names_n - 1]);
	is_nocase(&last);
	size_t star = hm_find_char(last, '*');
	uint32_t *chain = &m->others;
	if (star == SIZE_MAX)
		chain = &m->by_name[hash_slot(last)];
	else if (find_extension(last).n && hm_find_char(find_extension(last), '*') == SIZE_MAX)
		chain = &m->by_extension[hash_slot(find_extension(last))];
	p.next = *chain;
	m->patterns[m->n++] = p;
	*chain = (uint32_t)m->n;
}

void inventory_matcher_make(struct hm_cx *cx, const struct inventory_cataloger *table,
			    bool declared, struct inventory_matcher *out)
{
	size_t n = 0;
	for (const struct inventory_cataloger *c = table; c->name; c++)
		for (const char *const *p = c->patterns; *p; p++)
			n++;
	struct inventory_matcher m = { .patterns = hm_new(cx, struct inventory_pattern, n) };
	m.by_name = hm_new(cx, uint32_t, SLOTS);
	m.by_extension = hm_new(cx, uint32_t, SLOTS);
	for (const struct inventory_cataloger *c = table; c->name; c++) {
		uint64_t row = UINT64_C(1) << (c - table);
		if (c->evidence == INVENTORY_DECLARED && !declared)
			continue;
		for (const char *const *p = c->patterns; *p; p++) {
			if (strcmp(*p, INVENTORY_GO_ELF) == 0)
				m.go_elf |= row;
			else if (strcmp(*p, INVENTORY_RUST_ELF) == 0)
				m.rust_elf |= row;
			else
				add_pattern(cx, &m, *p, row, c->required);
		}
	}
	*out = m;
}

static bool is_same(struct hm_str a, struct hm_str b, bool nocase)
{
	return nocase ? hm_cmp_nocase(a, b) == 0 : hm_eq(a, b);
}

static bool name_matches(struct hm_str pattern, struct hm_str name)
{
	bool nocase = is_nocase(&pattern);
	size_t star = hm_find_char(pattern, '*');
	if (star == SIZE_MAX)
		return is_same(pattern, name, nocase);
	size_t tail = pattern.n - star - 1;
	return name.n + 1 >= pattern.n &&
	       is_same(hm_sub(name, 0, star), hm_sub(pattern, 0, star), nocase) &&
	       is_same(hm_from(name, name.n - tail), hm_from(pattern, star + 1), nocase);
}

/* Are the first `n` names of the pattern those of the path? From the last back to the first. */
static bool begins_path(const struct inventory_pattern *p, size_t n, struct hm_str path)
{
	for (size_t i = n; i-- > 0;) {
		struct hm_str name = hm_basename(path);
		if (!name_matches(p->names[i], name))
			return false;
		if (name.n == path.n)
			return i == 0;
		path.n -= name.n + 1;
	}
	return p->anywhere;
}

static bool matches_path(const struct inventory_pattern *p, struct hm_str path)
{
	return begins_path(p, p->names_n, path);
}

static uint64_t walk_chain(const struct inventory_matcher *m, uint32_t at, struct hm_str path)
{
	uint64_t rows = 0;
	for (; at; at = m->patterns[at - 1].next)
		if (matches_path(&m->patterns[at - 1], path))
			rows |= m->patterns[at - 1].row;
	return rows;
}

uint64_t inventory_wants(const struct inventory_matcher *m, struct hm_str path)
{
	struct hm_str name = hm_basename(path), ext = find_extension(name);
	uint64_t rows =
		walk_chain(m, m->by_name[hash_slot(name)], path) | walk_chain(m, m->others, path);
	if (ext.n)
		rows |= walk_chain(m, m->by_extension[hash_slot(ext)], path);
	return rows;
}

/* --- symbolic links --- */

static bool goes_on_alike(const struct inventory_pattern *a, size_t i,
			  const struct inventory_pattern *b, size_t k)
{
	if (a->names_n - i != b->names_n - k)
		return false;
	for (; i < a->names_n; i++, k++)
		if (!hm_eq(a->names[i], b->names[k]))
			return false;
	return true;
}

/* Does the row look for the same at `real`? */
static bool looks_there(const struct inventory_matcher *m, const struct inventory_pattern *p,
			size_t n, struct hm_str real)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 1; m->patterns[i].row == p->row && k <= m->patterns[i].names_n; k++)
			if (goes_on_alike(p, n, &m->patterns[i], k) &&
			    begins_path(&m->patterns[i], k, real))
				return true;
	return false;
}

static struct hm_str need_of(struct hm_cx *cx, const struct inventory_pattern *p, size_t n,
			     struct hm_str real)
{
	if (n == p->names_n)
		return real;
	struct hm_str name = p->names[n];
	bool is_file = n + 1 == p->names_n && hm_find_char(name, '*') == SIZE_MAX &&
		       !hm_starts(name, HM_STR("~"));
	if (!is_file)
		return hm_fmt(cx, "%.*s/", HM_FMT(real));
	return real.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(real), HM_FMT(name)) : name;
}

/* A folder of any name whose folders are named again is none of packages, and there are many links
 * of any name. */
static bool is_any_folder(const struct inventory_pattern *p, size_t n)
{
	return hm_eqz(p->names[n - 1], "*") && n + 1 < p->names_n;
}

uint64_t inventory_link_wants(struct hm_cx *cx, const struct inventory_matcher *m,
			      struct hm_str path, struct hm_str real, struct hm_strs *needs)
{
	uint64_t rows = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct inventory_pattern *p = &m->patterns[i];
		for (size_t n = 1; !p->database && n <= p->names_n; n++) {
			if (!begins_path(p, n, path) || is_any_folder(p, n) ||
			    looks_there(m, p, n, real))
				continue;
			rows |= p->row;
			if (needs)
				*hm_push(cx, needs) = need_of(cx, p, n, real);
		}
	}
	return rows;
}

/* --- databases --- */

bool inventory_database_next(const struct inventory_cataloger *table, size_t *at,
			     struct inventory_database *out)
{
	size_t i = 0;
	for (unsigned row = 0; table[row].name; row++)
		for (const char *const *p = table[row].patterns; table[row].required && *p; p++) {
			struct hm_str path = hm_cstr(*p), dir = hm_dirname(path);
			if (hm_find_char(dir, '*') != SIZE_MAX || i++ < *at)
				continue;
			*at = i;
			*out = (struct inventory_database){ .row = row, .path = path };
			if (hm_find_char(path, '*') != SIZE_MAX) {
				out->path = dir;
				out->names = hm_basename(path);
			}
			return true;
		}
	return false;
}

bool inventory_database_has(const struct inventory_database *d, struct hm_str path)
{
	if (!d->names.n)
		return hm_eq(d->path, path);
	return hm_eq(d->path, hm_dirname(path)) && name_matches(d->names, hm_basename(path));
}

void inventory_path_step(struct hm_buf *path, struct hm_str name)
{
	if (hm_eqz(name, "..")) {
		path->n = hm_dirname(hm_buf_str(path)).n;
	} else if (name.n && !hm_eqz(name, ".")) {
		if (path->n)
			hm_buf_char(path, '/');
		hm_buf_add(path, name);
	}
}

bool inventory_is_below(struct hm_str path, struct hm_str dir)
{
	return dir.n == 0 || (path.n > dir.n && hm_starts(path, dir) && path.p[dir.n] == '/');
}

bool inventory_leads_to_database(const struct inventory_cataloger *table, struct hm_str path)
{
	struct inventory_database d;
	for (size_t at = 0; inventory_database_next(table, &at, &d);)
		if (hm_eq(d.path, path) || inventory_is_below(d.path, path) ||
		    inventory_database_has(&d, path))
			return true;
	return false;
}
