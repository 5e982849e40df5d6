/* SPDX-License-Identifier: Apache-2.0 */
/* Debian Policy 7.1: relations between packages; and stanzas of packages. */
#include "codec/stanza.h"
#include "repair/solver.h"

static bool read_version(struct hm_str *text, struct solve_relation *r)
{
	/* "<" and ">" of old meant "<=" and ">=" (deb-control(5)). */
	static const struct {
		const char *text, *op;
	} ops[] = { { "<<", "<<" }, { "<=", "<=" }, { ">=", ">=" }, { ">>", ">>" },
		    { "=", "=" },   { "<", "<=" },  { ">", ">=" } };
	size_t end = hm_find_char(*text, ')');
	if (end == SIZE_MAX)
		return false;
	struct hm_str inside = hm_trim(hm_sub(*text, 1, end - 1));
	*text = hm_trim(hm_from(*text, end + 1));
	for (size_t i = 0; i < HM_LEN(ops); i++)
		if (hm_starts(inside, hm_cstr(ops[i].text))) {
			r->op = ops[i].op;
			r->version = hm_trim(hm_from(inside, strlen(ops[i].text)));
			return r->version.n > 0;
		}
	return false;
}

/* Past white space, and commas that follow each other. */
static void skip_commas(struct hm_str *text)
{
	*text = hm_trim(*text);
	while (text->n && text->p[0] == ',')
		*text = hm_trim(hm_from(*text, 1));
}

static bool read_relation(struct hm_str *text, struct solve_relation *r)
{
	size_t n = 0;
	while (n < text->n && !hm_is_space(text->p[n]) && !hm_is_one_of(text->p[n], "(|,[<"))
		n++;
	struct hm_str arch = hm_sub(*text, 0, n);
	r->name = hm_cut(&arch, ':');
	r->arch = arch;
	*text = hm_trim(hm_from(*text, n));
	if (!r->name.n || (text->n && text->p[0] == '(' && !read_version(text, r)))
		return false;
	r->more = text->n && text->p[0] == '|';
	return !text->n || text->p[0] == ',' || r->more;
}

bool repair_relation_next(struct hm_str *text, struct solve_relation *out, bool *out_bad)
{
	struct solve_relation r = { 0 };
	*out_bad = false;
	skip_commas(text);
	if (!text->n)
		return false;
	*out_bad = !read_relation(text, &r);
	if (*out_bad)
		return false;
	if (text->n)
		*text = hm_from(*text, 1);
	*out = r;
	return true;
}

static void read_source(struct hm_str value, struct solve_package *p)
{
	struct hm_str version = value;
	p->source = hm_trim(hm_cut(&version, '('));
	p->source_version = hm_trim(hm_cut(&version, ')'));
	if (!p->source.n)
		p->source = p->name;
	if (!p->source_version.n)
		p->source_version = p->version;
}

hm_err repair_deb_package(struct hm_cx *cx, struct hm_str text, bool installed,
			  struct solve_package *out, bool *out_good)
{
	struct stanza s = { 0 };
	*out_good = false;
	if (!stanza_next(cx, &text, &s))
		return NULL;
	struct solve_package p = { .name = stanza_get(&s, "Package"),
				   .version = stanza_get(&s, "Version"),
				   .arch = stanza_get(&s, "Architecture"),
				   .depends = stanza_get(&s, "Depends"),
				   .pre_depends = stanza_get(&s, "Pre-Depends"),
				   .conflicts = stanza_get(&s, "Conflicts"),
				   .breaks = stanza_get(&s, "Breaks"),
				   .provides = stanza_get(&s, "Provides"),
				   .multi_arch = stanza_get(&s, "Multi-Arch"),
				   .path = stanza_get(&s, "Filename"),
				   .sha256 = stanza_get(&s, "SHA256"),
				   .installed = installed };
	struct hm_str status = stanza_get(&s, "Status");
	read_source(stanza_get(&s, "Source"), &p);
	if (!p.name.n || !p.version.n || !p.arch.n)
		return NULL;
	if (installed && status.n) {
		p.held = hm_eqz(hm_cut(&status, ' '), "hold");
		struct hm_str state = hm_trim(hm_from(status, hm_rfind_char(status, ' ') + 1));
		if (hm_eqz(state, "not-installed") || hm_eqz(state, "config-files"))
			return NULL;
	}
	if (!installed && (p.sha256.n != 64 || !p.path.n ||
			   !hm_u64(stanza_get(&s, "Size"), HM_MAX_REPAIR_PACKAGE, &p.size)))
		return NULL;
	*out = p;
	*out_good = true;
	return NULL;
}
