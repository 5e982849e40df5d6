/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/report.h"

enum { COLUMNS = 6 };
static const char *const headings[COLUMNS] = { "SEVERITY",  "ID",    "PACKAGE",
					       "INSTALLED", "FIXED", "PATH" };

/* Characters, not bytes: what is behind the first byte of one does not count. */
static size_t width(struct hm_str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* What an attacker named must not move the cursor. */
static struct hm_str visible(struct hm_cx *cx, struct hm_str s)
{
	char *p = hm_new(cx, char, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? '?' : s.p[i];
	return hm_bytes(p, s.n);
}

static void row(struct hm_buf *out, const struct hm_str *cells, const size_t *widths)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		hm_buf_add(out, cells[i]);
		for (size_t n = width(cells[i]); i + 1 < COLUMNS && n < widths[i] + 2; n++)
			hm_buf_char(out, ' ');
	}
	hm_buf_char(out, '\n');
}

static void cells_of(struct hm_cx *cx, const struct advisory_match *m, const struct inventory *inv,
		     struct hm_str *cells)
{
	const struct inventory_component *c = &inv->components[m->component];
	struct hm_str fixed = advisory_versions_text(cx, &m->fixed);
	struct hm_str path = c->locations_n ? c->locations[0].path : HM_STR("");
	cells[0] = hm_cstr(advisory_severity_names[m->severity]);
	cells[1] = visible(cx, m->id);
	cells[2] = visible(cx, advisory_package_name(cx, c));
	cells[3] = visible(cx, c->version);
	cells[4] = fixed.n ? visible(cx, fixed) : HM_STR("-");
	cells[5] = visible(cx, path);
}

hm_err advisory_write_table(struct hm_cx *cx, const struct advisory_report *r,
			    const struct inventory *inv, struct hm_buf *out)
{
	struct hm_str *cells = hm_new(cx, struct hm_str, (r->n + 1) * COLUMNS), whole;
	size_t widths[COLUMNS] = { 0 };
	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = hm_cstr(headings[i]);
	for (size_t i = 0; i < r->n; i++)
		cells_of(cx, &r->matches[i], inv, &cells[(i + 1) * COLUMNS]);
	for (size_t i = 0; i < (r->n + 1) * COLUMNS; i++)
		if (width(cells[i]) > widths[i % COLUMNS])
			widths[i % COLUMNS] = width(cells[i]);
	for (size_t i = 0; r->n && i <= r->n; i++)
		row(out, &cells[i * COLUMNS], widths);
	hm_buf_fmt(out, "%s%zu %s in %zu packages: %.*s\n", r->n ? "\n" : "", r->n,
		   r->n == 1 ? "vulnerability" : "vulnerabilities", inv->n,
		   HM_FMT(advisory_counts_text(cx, r->counts)));
	return hm_buf_end(cx, out, "the report", &whole);
}
