/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which statements of suppliers are about what was scanned. Of those about one match the latest
 * counts; of several at the same time, or without one, the worst. What an SBOM or a folder is
 * called names no image, so only statements about components apply there.
 */
#include "advisory/assess.h"
#include "advisory/vex/vex.h"

/* A statement under one of its ids; the next one under the same. */
struct by_id {
	uint32_t statement, next; /* counted from 1; 0: none */
};

struct advisory_vex_matching {
	const struct advisory_vex *vex;
	const struct inventory *inventory;
	struct vex_purl *components; /* of each, its purl; without type: it has none */
	struct hm_map by_name;       /* the last component with that name, counted from 1 */
	uint32_t *next;              /* of each component, the one before it with its name */
	struct hm_map by_id;         /* to a number in .statements */
	HM_VEC(struct by_id) statements;
	/* The subject: an image. */
	bool is_image;
	struct hm_strs digests;
	struct hm_str name, repository, tag, arch;
};

/* ------------------------------------------------------------------ what was scanned */

static void read_subject(struct hm_cx *cx, struct advisory_vex_matching *m)
{
	const struct inventory *inv = m->inventory;
	struct oci_target t;
	m->arch = inv->platform.architecture;
	if (oci_target_parse(cx, inv->target, &t) || !oci_target_is_place(&t)) {
		m->is_image = inv->digest.n > 0; /* an SBOM of one, which knows its digest */
		if (m->is_image)
			*hm_push(cx, &m->digests) = inv->digest;
		return;
	}
	m->is_image = true;
	if (inv->digest.n)
		*hm_push(cx, &m->digests) = inv->digest;
	if (inv->index.n)
		*hm_push(cx, &m->digests) = inv->index;
	if (t.digest.n)
		*hm_push(cx, &m->digests) = t.digest;
	m->tag = t.tag;
	if (t.kind == OCI_REGISTRY) {
		m->repository = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t.registry), HM_FMT(t.repository));
		m->name = hm_basename(t.repository);
	} else {
		m->name = hm_basename(t.path);
	}
}

static void read_components(struct hm_cx *cx, struct advisory_vex_matching *m)
{
	m->components = hm_new(cx, struct vex_purl, m->inventory->n);
	m->next = hm_new(cx, uint32_t, m->inventory->n);
	for (uint32_t i = 0; i < m->inventory->n; i++) {
		void **slot;
		if (!advisory_vex_purl(cx, m->inventory->components[i].purl, &m->components[i]))
			continue;
		slot = hm_map_slot(cx, &m->by_name, m->components[i].name);
		m->next[i] = (uint32_t)(uintptr_t)*slot;
		*slot = (void *)(uintptr_t)(i + 1);
	}
}

static void index_statements(struct hm_cx *cx, struct advisory_vex_matching *m)
{
	for (uint32_t i = 0; i < m->vex->n; i++)
		for (size_t k = 0; k < m->vex->statements[i].ids.n; k++) {
			void **slot = hm_map_slot(cx, &m->by_id, m->vex->statements[i].ids.p[k]);
			*hm_push(cx, &m->statements) =
				(struct by_id){ i + 1, (uint32_t)(uintptr_t)*slot };
			*slot = (void *)(uintptr_t)m->statements.n;
		}
}

struct advisory_vex_matching *advisory_vex_matching_new(struct hm_cx *cx,
							const struct advisory_told *told,
							const struct inventory *inv)
{
	struct advisory_vex_matching *m;
	if (!told || !told->vex)
		return NULL;
	m = hm_new(cx, struct advisory_vex_matching, 1);
	m->vex = told->vex;
	m->inventory = inv;
	read_subject(cx, m);
	read_components(cx, m);
	index_statements(cx, m);
	return m;
}

/* ------------------------------------------------------------------ names */

/* "index.docker.io/library" and the like: Docker Hub has three names, and the image's own name may
 * be left out. */
static bool is_repository(const struct advisory_vex_matching *m, struct hm_str url)
{
	static const struct hm_str hub = HM_STR_INIT("docker.io");
	struct hm_str said = url, have = m->repository, host;
	if (hm_find(said, HM_STR("://")) != SIZE_MAX)
		(void)hm_cut_str(&said, HM_STR("://"));
	host = hm_cut(&said, '/');
	if (hm_eqz(host, "index.docker.io") || hm_eqz(host, "registry-1.docker.io"))
		host = hub;
	if (!have.n || !hm_eq(host, hm_cut(&have, '/')))
		return false;
	if (hm_eq(said, have))
		return true;
	have.n = have.n > m->name.n ? have.n - m->name.n - 1 : 0;
	return hm_eq(said, have);
}

/* Type "oci" (purl-spec, types/oci): the version is the digest, which decides alone. */
static bool is_image(const struct advisory_vex_matching *m, const struct vex_purl *p)
{
	struct hm_str url = advisory_vex_qualifier(p, HM_STR("repository_url"));
	struct hm_str tag = advisory_vex_qualifier(p, HM_STR("tag"));
	struct hm_str arch = advisory_vex_qualifier(p, HM_STR("arch"));
	size_t known = (size_t)(url.n > 0) + (tag.n > 0) + (arch.n > 0);
	if (!m->is_image || !hm_eqz(p->type, "oci"))
		return false;
	if (p->version.n)
		return hm_strs_has(&m->digests, p->version);
	if (!m->name.n || !hm_eq(p->name, m->name) || p->namespace.n || p->subpath.n)
		return false;
	if (p->qualifiers.n != known || (url.n && !is_repository(m, url)))
		return false;
	return (!tag.n || hm_eq(tag, m->tag)) && (!arch.n || hm_eq(arch, m->arch));
}

static bool is_subject(const struct advisory_vex_matching *m, const struct vex_name *n)
{
	for (size_t i = 0; i < n->purls_n; i++)
		if (is_image(m, &n->purls[i]))
			return true;
	for (size_t i = 0; m->is_image && i < n->hashes.n; i++)
		if (hm_strs_has(&m->digests, n->hashes.p[i]))
			return true;
	for (size_t i = 0; i < n->words.n; i++)
		if (m->is_image && (hm_eq(n->words.p[i], m->inventory->target) ||
				    hm_strs_has(&m->digests, n->words.p[i])))
			return true;
	return false;
}

static bool is_component(const struct advisory_vex_matching *m, const struct vex_name *n,
			 uint32_t c)
{
	for (size_t i = 0; m->components[c].type.n && i < n->purls_n; i++)
		if (advisory_vex_purl_names(&n->purls[i], &m->components[c]))
			return true;
	for (size_t i = 0; i < n->hashes.n; i++)
		if (hm_strs_has(&m->inventory->components[c].hashes, n->hashes.p[i]))
			return true;
	return false;
}

static bool has_version(const struct vex_product *p, struct hm_str version)
{
	return !p->versions.n || hm_strs_has(&p->versions, version);
}

static bool is_about(const struct advisory_vex_matching *m, const struct vex_product *p, uint32_t c)
{
	if (p->unnamed || !has_version(p, m->inventory->components[c].version))
		return false;
	if (p->has_part)
		return is_subject(m, &p->whole) && is_component(m, &p->part, c);
	return is_subject(m, &p->whole) || is_component(m, &p->whole, c);
}

/* ------------------------------------------------------------------ one match */

static bool counts_more(const struct vex_statement *a, const struct vex_statement *b)
{
	return !b || a->when > b->when || (a->when == b->when && a->status < b->status);
}

static const struct vex_statement *choose_statement(const struct advisory_vex_matching *v,
						    struct hm_str id, uint32_t component,
						    const struct vex_statement *best)
{
	uint32_t at = (uint32_t)(uintptr_t)hm_map_get(&v->by_id, id);
	for (; at; at = v->statements.p[at - 1].next) {
		const struct vex_statement *s =
			&v->vex->statements[v->statements.p[at - 1].statement - 1];
		bool about = false;
		for (size_t i = 0; i < s->products_n && !about; i++)
			about = is_about(v, &s->products[i], component);
		if (about && counts_more(s, best))
			best = s;
	}
	return best;
}

static void assess_vex(struct hm_cx *cx, const struct advisory_assess *a,
		       const struct advisory_match *m, struct advisory_assessment *out)
{
	const struct vex_statement *s = NULL;
	const struct vex_document *d;
	if (!a->vex)
		return;
	s = choose_statement(a->vex, m->id, m->component, s);
	for (size_t i = 0; i < m->aliases.n; i++)
		s = choose_statement(a->vex, m->aliases.p[i], m->component, s);
	if (!s || (s->status != ADVISORY_VEX_NOT_AFFECTED && s->status != ADVISORY_VEX_FIXED))
		return;
	d = &a->vex->vex->documents[s->document - 1];
	out->status = ADVISORY_NOT_AFFECTED;
	out->justification = hm_fmt(cx, "%s%s%.*s (%s%s%.*s)",
				    s->status == ADVISORY_VEX_FIXED ? "fixed" : "not affected",
				    s->justification.n ? ": " : "", HM_FMT(s->justification),
				    d->format, d->author.n ? " of " : "", HM_FMT(d->author));
	out->source = d->id.n ? d->id : d->file;
	out->who = d->signer.n ? hm_fmt(cx, "%.*s, signed by %.*s", HM_FMT(d->author),
					HM_FMT(d->signer))
			       : d->author;
	out->until = d->until;
}

const struct advisory_assessor advisory_assessor_vex = { "vex", false, assess_vex };

/* ------------------------------------------------------------------ the findings of a report */

/* A finding without purl is of no component that a statement could name: only one about the image
 * is about it. */
void advisory_findings_assess(struct hm_cx *cx, const struct advisory_findings *f,
			      const struct advisory_subject *subject,
			      const struct advisory_told *told, struct advisory_assessment *out)
{
	struct inventory inv = { .target = subject->name,
				 .digest = subject->digest,
				 .index = subject->index,
				 .n = f->n };
	struct advisory_assess a = { .inventory = &inv };
	inv.components = hm_new(cx, struct inventory_component, f->n);
	for (size_t i = 0; i < f->n; i++) {
		if (f->p[i].purl.n && inventory_purl_parse(cx, f->p[i].purl, &inv.components[i]))
			inv.components[i] = (struct inventory_component){ 0 };
	}
	a.vex = advisory_vex_matching_new(cx, told, &inv);
	for (uint32_t i = 0; i < f->n; i++) {
		struct advisory_match m = { .id = f->p[i].id,
					    .aliases = f->p[i].aliases,
					    .component = i };
		out[i] = (struct advisory_assessment){ 0 };
		assess_vex(cx, &a, &m, &out[i]);
	}
}

/* ------------------------------------------------------------------ what is about nothing here */

static bool is_some_component(const struct advisory_vex_matching *m, const struct vex_product *p)
{
	const struct vex_name *n = p->has_part ? &p->part : &p->whole;
	for (size_t i = 0; i < n->purls_n; i++) {
		uint32_t at = (uint32_t)(uintptr_t)hm_map_get(&m->by_name, n->purls[i].name);
		for (; at; at = m->next[at - 1])
			if (is_about(m, p, at - 1))
				return true;
	}
	for (uint32_t c = 0; n->hashes.n && c < m->inventory->n; c++)
		if (is_about(m, p, c))
			return true;
	return false;
}

static const char *why_not(const struct advisory_vex_matching *m, const struct vex_statement *s)
{
	const char *why = s->products_n ? NULL : "it names no product";
	for (size_t i = 0; i < s->products_n; i++) {
		const struct vex_product *p = &s->products[i];
		if (p->unnamed) {
			why = why ? why : p->unnamed;
			continue;
		}
		if ((!p->has_part && is_subject(m, &p->whole)) || is_some_component(m, p))
			return NULL;
		why = "it names no product of this target";
	}
	return why;
}

void advisory_vex_unapplied(struct hm_cx *cx, const struct advisory_assess *a, struct hm_strs *out)
{
	for (size_t i = 0; a->vex && i < a->vex->vex->n; i++) {
		const struct vex_statement *s = &a->vex->vex->statements[i];
		const struct vex_document *d = &a->vex->vex->documents[s->document - 1];
		const char *why = why_not(a->vex, s);
		struct hm_str id = s->ids.n ? s->ids.p[0] : HM_STR("no vulnerability");
		if (why)
			*hm_push(cx, out) = hm_fmt(cx, "%.*s: statement %u (%.*s): %s",
						   HM_FMT(d->file), s->number, HM_FMT(id), why);
	}
}
