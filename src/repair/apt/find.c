/* SPDX-License-Identifier: Apache-2.0 */
/* What dpkg's records say of one package, and of one path. */
#include "advisory/advisory.h"
#include "repair/apt/dpkg.h"
#include "repair/solver.h"

static struct hm_str without_slash(struct hm_str path)
{
	return hm_starts(path, HM_STR("/")) ? hm_from(path, 1) : path;
}

struct dpkg_package *repair_dpkg_find(struct dpkg *d, struct hm_str name, struct hm_str arch)
{
	for (size_t i = 0; i < d->packages.n; i++) {
		struct dpkg_package *p = &d->packages.p[i];
		if (p->is_installed && hm_eq(p->name, name) &&
		    (hm_eq(p->arch, arch) || hm_eqz(p->arch, "all") || hm_eqz(arch, "all")))
			return p;
	}
	return NULL;
}

void repair_dpkg_conffiles(struct hm_cx *cx, const struct dpkg_package *p,
			   struct dpkg_conffiles *out)
{
	struct stanza s = { 0 };
	struct hm_str text = p->text;
	if (!stanza_next(cx, &text, &s))
		return;
	for (struct hm_str list = stanza_get(&s, "Conffiles"); list.n;) {
		struct hm_str line = hm_trim(hm_line(&list)), path = line;
		struct dpkg_conffile c = { 0 };
		c.is_obsolete = hm_ends(line, HM_STR(" obsolete"));
		if (c.is_obsolete)
			path.n -= strlen(" obsolete");
		size_t space = hm_rfind_char(path, ' ');
		if (space == SIZE_MAX)
			continue;
		c.md5 = hm_from(path, space + 1);
		c.path = without_slash(hm_sub(path, 0, space));
		*hm_push(cx, out) = c;
	}
}

hm_err repair_dpkg_place(struct hm_cx *cx, const struct repair_root *root, const struct dpkg *d,
			 struct hm_str package, struct hm_str path, struct hm_str *out)
{
	for (size_t i = 0; i < d->diversions.n; i++)
		if (hm_eq(d->diversions.p[i].from, path) &&
		    !hm_eq(d->diversions.p[i].by, package)) {
			path = d->diversions.p[i].to;
			break;
		}
	return repair_root_place(cx, root, path, out);
}

/* "a (<< 2), b": is the installed package among them? */
static bool is_replaced(const struct dpkg *d, struct hm_str relations, struct hm_str name)
{
	const struct advisory_scheme *deb = advisory_scheme_of(HM_STR("deb"));
	struct solve_relation r;
	bool bad;
	while (repair_relation_next(&relations, &r, &bad)) {
		if (!hm_eq(r.name, name))
			continue;
		for (size_t i = 0; i < d->packages.n; i++) {
			const struct dpkg_package *p = &d->packages.p[i];
			int order;
			if (!hm_eq(p->name, name) || !p->is_installed)
				continue;
			if (!r.op)
				return true;
			if (!deb->compare(p->version, r.version, &order))
				continue;
			bool less = r.op[0] == '<', more = r.op[0] == '>';
			if ((less && order < 0) || (more && order > 0) ||
			    (r.op[1] != r.op[0] && order == 0))
				return true;
		}
	}
	return false;
}

hm_err repair_dpkg_take(struct hm_cx *cx, const struct dpkg_at *at, const struct repair_change *c,
			const struct deb *deb, struct hm_str path)
{
	const struct dpkg_owners *o = hm_map_get(&at->d->owners, path);
	struct stanza s = { 0 };
	if (!o || !o->n || hm_eq(o->name, c->name))
		return NULL;
	for (size_t i = 0; i < at->d->diversions.n; i++) /* each has a place of its own */
		if (hm_eq(at->d->diversions.p[i].from, path))
			return NULL;
	for (size_t i = 0; i < deb->controls.n; i++) {
		struct hm_str text = deb->controls.p[i].bytes;
		if (hm_eqz(deb->controls.p[i].name, "control"))
			(void)stanza_next(cx, &text, &s);
	}
	if (!is_replaced(at->d, stanza_get(&s, "Replaces"), o->name))
		return hm_fail(cx, HM_INPUT, "\"/%.*s\" belongs to the package \"%.*s\"",
			       HM_FMT(path), HM_FMT(o->name));
	hm_map_put(cx, &at->d->taken, hm_fmt(cx, "%.*s\n%.*s", HM_FMT(o->name), HM_FMT(path)),
		   at->d);
	return NULL;
}
