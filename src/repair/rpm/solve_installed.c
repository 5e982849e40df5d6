/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: installed packages as the solver has them. */
#include "inventory/inventory.h"
#include "repair/rpm/solving.h"
#include "repair/rpm/tags.h"

Id repair_rpm_solving_id(const struct rpm_solving *s, struct hm_str text)
{
	return s->solv->pool_str2id(s->pool, hm_dupz(s->cx, text), 1);
}

struct hm_str repair_rpm_solving_text(const struct rpm_solving *s, Id id)
{
	return hm_dup(s->cx, hm_cstr(s->solv->pool_id2str(s->pool, id)));
}

/* rpmds.h: RPMSENSE_LESS, _GREATER, _EQUAL. */
static int relation_of(uint64_t flags)
{
	return ((flags & 2) ? REL_LT : 0) | ((flags & 4) ? REL_GT : 0) | ((flags & 8) ? REL_EQ : 0);
}

struct dependencies {
	uint32_t names, versions, flags;
};

static Offset add_dependencies(const struct rpm_solving *s, const struct rpm_header *h,
			       struct dependencies tags)
{
	struct rpm_values names = repair_rpm_strings(h, tags.names);
	struct rpm_values versions = repair_rpm_strings(h, tags.versions);
	struct rpm_values flags = repair_rpm_numbers(h, tags.flags);
	struct hm_str name, version;
	Offset to = 0;
	while (repair_rpm_next_string(&names, &name)) {
		uint64_t flag;
		repair_rpm_next_string(&versions, &version);
		repair_rpm_next_number(&flags, &flag);
		int relation = relation_of(flag);
		if (hm_starts(name, HM_STR("rpmlib(")))
			continue;
		Id id = hm_starts(name, HM_STR("("))
				? s->solv->pool_parserpmrichdep(s->pool, hm_dupz(s->cx, name))
				: repair_rpm_solving_id(s, name);
		if (id && relation && version.n)
			id = s->solv->pool_rel2id(s->pool, id, repair_rpm_solving_id(s, version),
						  relation, 1);
		if (id)
			to = s->solv->repo_addid_dep(s->installed, to, id, 0);
	}
	return to;
}

static void add_files(const struct rpm_solving *s, const struct rpm_header *h, Repodata *data,
		      Id id)
{
	struct rpm_values dirs = repair_rpm_strings(h, RPM_TAG_DIRNAMES);
	struct rpm_values names = repair_rpm_strings(h, RPM_TAG_BASENAMES);
	struct rpm_values at = repair_rpm_numbers(h, RPM_TAG_DIRINDEXES);
	HM_VEC(Id) ids = { 0 };
	struct hm_str text;
	uint64_t dir;
	while (repair_rpm_next_string(&dirs, &text)) {
		while (text.n > 1 && hm_ends(text, HM_STR("/")))
			text.n--;
		*hm_push(s->cx, &ids) =
			s->solv->repodata_str2dir(data, text.n ? hm_dupz(s->cx, text) : "/", 1);
	}
	while (repair_rpm_next_string(&names, &text) && repair_rpm_next_number(&at, &dir))
		if (dir < ids.n)
			s->solv->repodata_add_dirstr(data, id, SOLVABLE_FILELIST, ids.p[dir],
						     hm_dupz(s->cx, text));
}

struct adding {
	struct rpm_solving *s;
	Repodata *data;
};

static hm_err add_package(struct hm_cx *cx, void *arg, struct hm_str blob)
{
	static const struct dependencies provides = { RPM_TAG_PROVIDENAME, RPM_TAG_PROVIDEVERSION,
						      RPM_TAG_PROVIDEFLAGS },
					 requires = { RPM_TAG_REQUIRENAME, RPM_TAG_REQUIREVERSION,
						      RPM_TAG_REQUIREFLAGS },
					 conflicts = { RPM_TAG_CONFLICTNAME,
						       RPM_TAG_CONFLICTVERSION,
						       RPM_TAG_CONFLICTFLAGS },
					 obsoletes = { RPM_TAG_OBSOLETENAME,
						       RPM_TAG_OBSOLETEVERSION,
						       RPM_TAG_OBSOLETEFLAGS };
	struct adding *a = arg;
	struct rpm_solving *s = a->s;
	struct rpm_header h;
	HM_TRY(repair_rpm_header(cx, blob, &h));
	struct hm_str name = repair_rpm_string(&h, RPM_TAG_NAME);
	if (hm_eqz(name, "gpg-pubkey"))
		return NULL;
	if (repair_rpm_string(&h, RPM_TAG_MODULARITYLABEL).n)
		hm_map_put(&s->kept, &s->modular, hm_dup(&s->kept, name), s);
	Id id = s->solv->repo_add_solvable(s->installed);
	Offset p = add_dependencies(s, &h, provides), r = add_dependencies(s, &h, requires);
	Offset c = add_dependencies(s, &h, conflicts), o = add_dependencies(s, &h, obsoletes);
	struct hm_str arch = repair_rpm_string(&h, RPM_TAG_ARCH);
	Solvable *x = s->pool->solvables + id;
	x->name = repair_rpm_solving_id(s, name);
	x->evr = repair_rpm_solving_id(s, repair_rpm_evr(s->cx, &h));
	x->arch = arch.n ? repair_rpm_solving_id(s, arch) : ARCH_NOARCH;
	x->vendor = repair_rpm_solving_id(s, repair_rpm_string(&h, RPM_TAG_VENDOR));
	x->provides = p;
	x->requires = r;
	x->conflicts = c;
	x->obsoletes = o;
	add_files(s, &h, a->data, id);
	return NULL;
}

hm_err repair_rpm_solving_installed(struct rpm_solving *s)
{
	struct adding a = { .s = s };
	s->installed = s->solv->repo_create(s->pool, "installed");
	a.data = s->solv->repo_add_repodata(s->installed, 0);
	HM_TRY(inventory_rpm_headers(s->cx, s->database,
				     (struct inventory_rpm_sink){ add_package, &a }));
	s->solv->repodata_internalize(a.data);
	return NULL;
}
