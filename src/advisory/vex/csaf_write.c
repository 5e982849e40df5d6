/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSAF 2.0 (OASIS), profile 5. Products and parts are listed once, flat; of each pair a
 * relationship makes a product, of which the statuses speak. The sections are those of the
 * mandatory tests that ask for something.
 */
#include "advisory/vex/vex.h"

struct csaf_writer {
	struct hm_cx *cx;
	struct json_out *o;
	const struct advisory_vex_draft *draft;
	struct hm_map ids; /* of a product or a pair, by its key, to its number */
};

static struct hm_str key_of(const struct csaf_writer *w, struct hm_str product, struct hm_str part)
{
	return HM_KEY(w->cx, 'c', product, part);
}

static struct hm_str id_of(const struct csaf_writer *w, struct hm_str product, struct hm_str part)
{
	uintptr_t n = (uintptr_t)hm_map_get(&w->ids, key_of(w, product, part));
	return hm_fmt(w->cx, "CSAFPID-%04zu", (size_t)n);
}

/* Numbers it; false: it has its number. */
static bool is_new(struct csaf_writer *w, struct hm_str product, struct hm_str part)
{
	void **slot = hm_map_slot(w->cx, &w->ids, key_of(w, product, part));
	if (*slot)
		return false;
	*slot = (void *)(uintptr_t)w->ids.n;
	return true;
}

static void put_product(struct csaf_writer *w, struct hm_str name)
{
	if (!is_new(w, name, HM_STR("")))
		return;
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "name", advisory_vex_title(w->cx, name));
	json_put_str(w->o, "product_id", id_of(w, name, HM_STR("")));
	if (hm_starts(name, HM_STR("pkg:"))) {
		json_open(w->o, "product_identification_helper", '{');
		json_put_str(w->o, "purl", name);
		json_close(w->o, '}');
	}
	json_close(w->o, '}');
}

static void put_pair(struct csaf_writer *w, struct hm_str product, struct hm_str part)
{
	if (!is_new(w, product, part))
		return;
	json_open(w->o, NULL, '{');
	json_putz(w->o, "category", "default_component_of");
	json_open(w->o, "full_product_name", '{');
	json_put_str(w->o, "name",
		     hm_fmt(w->cx, "%.*s as a component of %.*s",
			    HM_FMT(advisory_vex_title(w->cx, part)),
			    HM_FMT(advisory_vex_title(w->cx, product))));
	json_put_str(w->o, "product_id", id_of(w, product, part));
	json_close(w->o, '}');
	json_put_str(w->o, "product_reference", id_of(w, part, HM_STR("")));
	json_put_str(w->o, "relates_to_product_reference", id_of(w, product, HM_STR("")));
	json_close(w->o, '}');
}

static void put_tree(struct csaf_writer *w)
{
	const struct advisory_vex_draft *d = w->draft;
	bool has_pairs = false;
	json_open(w->o, "product_tree", '{');
	json_open(w->o, "full_product_names", '[');
	for (size_t i = 0; i < d->n; i++) {
		for (size_t k = 0; k < d->p[i].products.n; k++)
			put_product(w, d->p[i].products.p[k]);
		for (size_t k = 0; k < d->p[i].parts.n; k++)
			put_product(w, d->p[i].parts.p[k]);
		has_pairs = has_pairs || d->p[i].parts.n;
	}
	json_close(w->o, ']');
	if (has_pairs)
		json_open(w->o, "relationships", '[');
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->p[i].products.n; k++)
			for (size_t j = 0; j < d->p[i].parts.n; j++)
				put_pair(w, d->p[i].products.p[k], d->p[i].parts.p[j]);
	if (has_pairs)
		json_close(w->o, ']');
	json_close(w->o, '}');
}

static void put_document(struct csaf_writer *w)
{
	const struct advisory_vex_draft *d = w->draft;
	struct hm_str now = hm_rfc3339(w->cx, d->when), id = d->id;
	struct hm_strs products;
	advisory_vex_products(w->cx, d, &products);
	if (!id.n)
		id = hm_fmt(w->cx, "hullmark-vex-%.*s", HM_FMT(hm_sub(d->digest, 0, 32)));
	json_open(w->o, "document", '{');
	json_putz(w->o, "category", "csaf_vex");
	json_putz(w->o, "csaf_version", "2.0");
	json_open(w->o, "publisher", '{');
	json_putz(w->o, "category", "other");
	json_put_str(w->o, "name", d->author);
	json_put_str(w->o, "namespace", d->url.n ? d->url : HM_STR("https://hullmark.dev"));
	json_close(w->o, '}');
	json_put_str(w->o, "title",
		     hm_fmt(w->cx, "Vulnerabilities of %.*s%s",
			    HM_FMT(advisory_vex_title(w->cx, products.p[0])),
			    products.n > 1 ? " and others" : ""));
	json_open(w->o, "tracking", '{');
	json_put_str(w->o, "current_release_date", now);
	json_open(w->o, "generator", '{');
	json_open(w->o, "engine", '{');
	json_putz(w->o, "name", "hullmark");
	json_putz(w->o, "version", HULLMARK_VERSION);
	json_close(w->o, '}');
	json_close(w->o, '}');
	json_put_str(w->o, "id", id);
	json_put_str(w->o, "initial_release_date", now);
	json_open(w->o, "revision_history", '[');
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "date", now);
	json_putz(w->o, "number", "1");
	json_putz(w->o, "summary", "Initial version");
	json_close(w->o, '}');
	json_close(w->o, ']');
	json_putz(w->o, "status", "final");
	json_putz(w->o, "version", "1");
	json_close(w->o, '}');
	json_close(w->o, '}');
}

/* No id stands twice in a list. */
static void put_id(const struct csaf_writer *w, struct hm_map *seen, struct hm_str product,
		   struct hm_str part)
{
	struct hm_str id = id_of(w, product, part);
	if (hm_map_has(seen, id))
		return;
	hm_map_put(w->cx, seen, id, NULL);
	json_put_str(w->o, NULL, id);
}

static void put_ids_of(const struct csaf_writer *w, struct hm_map *seen,
		       const struct advisory_vex_claim *c)
{
	for (size_t i = 0; i < c->products.n; i++) {
		if (!c->parts.n)
			put_id(w, seen, c->products.p[i], HM_STR(""));
		for (size_t k = 0; k < c->parts.n; k++)
			put_id(w, seen, c->products.p[i], c->parts.p[k]);
	}
}

static void put_product_ids(const struct csaf_writer *w, const struct advisory_vex_claim *c)
{
	struct hm_map seen = { 0 };
	json_open(w->o, "product_ids", '[');
	put_ids_of(w, &seen, c);
	json_close(w->o, ']');
}

/* The claims of one vulnerability, as a range of the sorted list. */
struct csaf_group {
	const struct advisory_vex_claim *p;
	size_t n;
};

/* 6.1.27.8; the identifiers of others stand beside the CVE. */
static void put_names(const struct csaf_writer *w, const struct csaf_group *g)
{
	struct hm_strs ids = { 0 };
	bool is_cve = advisory_vex_is_cve(g->p[0].id);
	if (!is_cve)
		*hm_push(w->cx, &ids) = g->p[0].id;
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->p[i].aliases.n; k++)
			if (!hm_strs_has(&ids, g->p[i].aliases.p[k]))
				*hm_push(w->cx, &ids) = g->p[i].aliases.p[k];
	if (is_cve)
		json_put_str(w->o, "cve", g->p[0].id);
	if (!ids.n)
		return;
	json_open(w->o, "ids", '[');
	for (size_t i = 0; i < ids.n; i++) {
		json_open(w->o, NULL, '{');
		json_put_str(w->o, "system_name", advisory_vex_system(ids.p[i]));
		json_put_str(w->o, "text", ids.p[i]);
		json_close(w->o, '}');
	}
	json_close(w->o, ']');
}

/* 6.1.27.5: there is one at least. */
static void put_notes(const struct csaf_writer *w, const struct csaf_group *g)
{
	size_t n = 0;
	json_open(w->o, "notes", '[');
	for (size_t i = 0; i <= g->n; i++) {
		bool is_last = i == g->n;
		if (is_last ? n > 0 : !g->p[i].notes.n)
			continue;
		json_open(w->o, NULL, '{');
		json_putz(w->o, "category", "general");
		json_put_str(w->o, "text",
			     is_last ? hm_fmt(w->cx, "What is known of %.*s in these products.",
					      HM_FMT(g->p[0].id))
				     : g->p[i].notes);
		json_close(w->o, '}');
		n++;
	}
	json_close(w->o, ']');
}

static void put_statuses(const struct csaf_writer *w, const struct csaf_group *g)
{
	static const char *const names[ADVISORY_VEX_STATUSES] = {
		[ADVISORY_VEX_AFFECTED] = "known_affected",
		[ADVISORY_VEX_UNDER_INVESTIGATION] = "under_investigation",
		[ADVISORY_VEX_NOT_AFFECTED] = "known_not_affected",
		[ADVISORY_VEX_FIXED] = "fixed",
	};
	json_open(w->o, "product_status", '{');
	for (size_t status = 0; status < ADVISORY_VEX_STATUSES; status++) {
		struct hm_map seen = { 0 };
		size_t n = 0;
		for (size_t i = 0; i < g->n; i++) {
			if (g->p[i].status != (enum advisory_vex_status)status)
				continue;
			if (!n++)
				json_open(w->o, names[status], '[');
			put_ids_of(w, &seen, &g->p[i]);
		}
		if (n)
			json_close(w->o, ']');
	}
	json_close(w->o, '}');
}

/* 6.1.27.9: why something is not affected. 6.1.27.10: what is to be done about what is. */
static void put_flag(const struct csaf_writer *w, const struct advisory_vex_claim *c)
{
	json_put_str(w->o, "date", hm_rfc3339(w->cx, advisory_vex_when(w->draft, c)));
	json_put_str(w->o, "label", c->justification);
}

static void put_threat(const struct csaf_writer *w, const struct advisory_vex_claim *c)
{
	json_putz(w->o, "category", "impact");
	json_put_str(w->o, "date", hm_rfc3339(w->cx, advisory_vex_when(w->draft, c)));
	json_put_str(w->o, "details", c->impact);
}

static void put_remediation(const struct csaf_writer *w, const struct advisory_vex_claim *c)
{
	json_putz(w->o, "category", c->no_fix ? "none_available" : "mitigation");
	json_put_str(w->o, "date", hm_rfc3339(w->cx, advisory_vex_when(w->draft, c)));
	json_put_str(w->o, "details", c->action);
}

static const struct {
	const char *key;
	size_t at; /* of the member that says it */
	void (*put)(const struct csaf_writer *w, const struct advisory_vex_claim *c);
} details[] = {
	{ "flags", offsetof(struct advisory_vex_claim, justification), put_flag },
	{ "remediations", offsetof(struct advisory_vex_claim, action), put_remediation },
	{ "threats", offsetof(struct advisory_vex_claim, impact), put_threat },
};

static void put_details(const struct csaf_writer *w, const struct csaf_group *g)
{
	for (size_t d = 0; d < HM_LEN(details); d++) {
		size_t n = 0;
		for (size_t i = 0; i < g->n; i++) {
			const void *at = (const char *)&g->p[i] + details[d].at;
			if (!((const struct hm_str *)at)->n)
				continue;
			if (!n++)
				json_open(w->o, details[d].key, '[');
			json_open(w->o, NULL, '{');
			details[d].put(w, &g->p[i]);
			put_product_ids(w, &g->p[i]);
			json_close(w->o, '}');
		}
		if (n)
			json_close(w->o, ']');
	}
}

/* Each once (6.1.23). */
static void put_vulnerabilities(const struct csaf_writer *w)
{
	const struct advisory_vex_draft *d = w->draft;
	struct csaf_group g;
	json_open(w->o, "vulnerabilities", '[');
	for (size_t i = 0; i < d->n; i += g.n) {
		g = (struct csaf_group){ &d->p[i], 1 };
		while (i + g.n < d->n && hm_eq(d->p[i + g.n].id, d->p[i].id))
			g.n++;
		json_open(w->o, NULL, '{');
		put_names(w, &g);
		put_notes(w, &g);
		put_statuses(w, &g);
		put_details(w, &g);
		json_close(w->o, '}');
	}
	json_close(w->o, ']');
}

void advisory_vex_csaf_write(struct hm_cx *cx, const struct advisory_vex_draft *draft,
			     struct json_out *o)
{
	struct csaf_writer w = { .cx = cx, .o = o, .draft = draft };
	json_open(o, NULL, '{');
	put_document(&w);
	put_tree(&w);
	put_vulnerabilities(&w);
	json_close(o, '}');
}
