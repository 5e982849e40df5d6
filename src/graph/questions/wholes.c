/* SPDX-License-Identifier: Apache-2.0 */
/* What SBOMs are about, what that is called, and what runs it. */
#include "graph/questions/kept.h"
#include "graph/questions/releases.h"

enum { RUNNING = 5000 };

/* ------------------------------------------------------------------ what an SBOM is about */

static void add_once(struct hm_cx *cx, struct graph_numbers *to, int64_t number)
{
	for (size_t i = 0; i < to->n; i++)
		if (to->p[i] == number)
			return;
	*hm_push(cx, to) = number;
}

/* A document's facts are written once: what was read of it stays true. */
static hm_err find_tops(struct graph_ask *a, struct graph_sbom *s)
{
	HM_TRY(graph_ask_numbers(
		a, "SELECT DISTINCT subject FROM fact WHERE document = $1 AND kind = 3",
		STORE_VALUES(store_int(s->document)), &s->subjects));
	for (size_t i = 0; i < s->subjects.n; i++) {
		struct graph_numbers as = { 0 };
		add_once(a->cx, &s->tops, s->subjects.p[i]);
		HM_TRY(graph_ask_numbers(a,
					 "SELECT subject FROM fact WHERE object = $1 AND kind = 2 "
					 "AND document = $2",
					 STORE_VALUES(store_int(s->subjects.p[i]),
						      store_int(s->document)),
					 &as));
		for (size_t k = 0; k < as.n; k++)
			add_once(a->cx, &s->tops, as.p[k]);
	}
	return NULL;
}

/* Numbers with how many they are before them. */
static void pack(struct hm_cx *cx, struct graph_numbers *to, const struct graph_numbers *list)
{
	*hm_push(cx, to) = (int64_t)list->n;
	for (size_t i = 0; i < list->n; i++)
		*hm_push(cx, to) = list->p[i];
}

static struct graph_numbers unpack(const struct graph_numbers *from, size_t *at)
{
	size_t n = *at < from->n ? (size_t)from->p[*at] : 0, first = *at + 1;
	*at = first + n;
	return (struct graph_numbers){ n ? from->p + first : NULL, n, n };
}

/* Was all read that there is? What is cut is not kept. */
static bool is_whole(const struct graph_ask *a)
{
	return a->visits < HM_MAX_GRAPH_VISITS;
}

static hm_err recall_tops(struct graph_ask *a, struct graph_sbom *s)
{
	struct graph_numbers list = { 0 };
	int64_t upto;
	size_t at = 0;
	HM_TRY(graph_ask_moment(a));
	if (graph_kept_recall(a, GRAPH_KEPT_SBOM, s->document, SIZE_MAX, &list, &upto)) {
		s->subjects = unpack(&list, &at);
		s->tops = unpack(&list, &at);
		return NULL;
	}
	HM_TRY(find_tops(a, s));
	pack(a->cx, &list, &s->subjects);
	pack(a->cx, &list, &s->tops);
	if (is_whole(a))
		graph_kept_remember(a, GRAPH_KEPT_SBOM, s->document, &list);
	return NULL;
}

hm_err graph_releasing_sbom(struct graph_releasing *r, int64_t document, struct graph_sbom **out)
{
	struct hm_cx *cx = r->a->cx;
	const uint64_t *at = graph_ids_get(&r->sboms, document);
	bool is_new;
	if (at) {
		*out = r->sbom_list.p[*at];
		return NULL;
	}
	struct graph_sbom *s = hm_new(cx, struct graph_sbom, 1);
	s->document = document;
	HM_TRY(recall_tops(r->a, s));
	*graph_ids_slot(cx, &r->sboms, document, &is_new) = r->sbom_list.n;
	*hm_push(cx, &r->sbom_list) = s;
	*out = s;
	return NULL;
}

hm_err graph_releasing_sboms_ahead(struct graph_releasing *r, const struct graph_numbers *documents,
				   struct graph_numbers *subjects)
{
	for (size_t i = 0; i < documents->n && graph_ask_goes_on(r->a); i++) {
		struct graph_sbom *s;
		HM_TRY(graph_releasing_sbom(r, documents->p[i], &s));
		for (size_t k = 0; k < s->subjects.n; k++)
			*hm_push(r->a->cx, subjects) = s->subjects.p[k];
	}
	return NULL;
}

/* ------------------------------------------------------------------ names */

/* What facts say of a noun that an SBOM is about. */
struct names {
	struct graph_numbers artifacts; /* that it is */
	struct graph_numbers images;    /* names of these */
	struct graph_numbers related;   /* they, what they are parts of, and their parts */
};

/* The version of an image is its digest (purl-spec, types/oci). 0: it says none that is there. */
static hm_err find_digest(struct graph_ask *a, const struct graph_node *node, int64_t *out)
{
	*out = 0;
	if (node->kind == GRAPH_ARTIFACT)
		*out = node->id;
	if (node->kind != GRAPH_PACKAGE || !hm_starts(node->key, HM_STR("pkg:oci/")))
		return NULL;
	return graph_find(a->cx, a->use, GRAPH_ARTIFACT, graph_purl_version(a->cx, node->key), out);
}

/* Artifacts that a package occurs as; and what is made of manifests. */
static hm_err add_artifacts(struct graph_ask *a, int64_t node, int64_t digest, struct names *n)
{
	struct graph_numbers found = { 0 };
	if (digest)
		add_once(a->cx, &n->artifacts, digest);
	HM_TRY(graph_ask_numbers(a,
				 "SELECT DISTINCT object FROM fact WHERE subject = $1 AND kind = 2",
				 STORE_VALUES(store_int(node)), &found));
	for (size_t i = 0; i < found.n; i++)
		add_once(a->cx, &n->artifacts, found.p[i]);
	return NULL;
}

/* Names of an artifact, and of the indexes that it is a part of. */
static hm_err add_images(struct graph_ask *a, int64_t artifact, struct names *n)
{
	struct graph_numbers images = { 0 };
	HM_TRY(graph_ask_numbers(
		a,
		"SELECT DISTINCT subject FROM fact WHERE object = $1 AND kind = 20 ORDER BY subject",
		STORE_VALUES(store_int(artifact)), &images));
	for (size_t i = 0; i < images.n; i++)
		add_once(a->cx, &n->images, images.p[i]);
	return NULL;
}

/* Those next to the ones that are there, one after another. */
static hm_err add_related(struct graph_ask *a, const char *sql, struct graph_numbers *list)
{
	enum { RELATED = 1000 };
	for (size_t i = 0; i < list->n && i < RELATED; i++) {
		struct graph_numbers found = { 0 };
		HM_TRY(graph_ask_numbers(a, sql, STORE_VALUES(store_int(list->p[i])), &found));
		for (size_t k = 0; k < found.n; k++)
			add_once(a->cx, list, found.p[k]);
	}
	return NULL;
}

static hm_err find_names(struct graph_ask *a, int64_t node, int64_t digest, struct names *n)
{
	_Static_assert(GRAPH_IS_OCCURRENCE == 2 && GRAPH_TAGGED_AS == 20 && GRAPH_PART_OF == 25,
		       "as the statements have them");
	struct graph_numbers wholes = { 0 };
	HM_TRY(add_artifacts(a, node, digest, n));
	for (size_t i = 0; i < n->artifacts.n; i++) {
		HM_TRY(add_images(a, n->artifacts.p[i], n));
		add_once(a->cx, &n->related, n->artifacts.p[i]);
		add_once(a->cx, &wholes, n->artifacts.p[i]);
	}
	HM_TRY(add_related(a, "SELECT DISTINCT subject FROM fact WHERE object = $1 AND kind = 25",
			   &n->related));
	HM_TRY(add_related(a, "SELECT DISTINCT object FROM fact WHERE subject = $1 AND kind = 25",
			   &wholes));
	for (size_t i = 0; i < wholes.n; i++)
		add_once(a->cx, &n->related, wholes.p[i]);
	return NULL;
}

/* A newer fact may say more; and so may a noun that has come without a fact. */
static hm_err recall_names(struct graph_ask *a, const struct graph_node *node, struct names *n)
{
	struct graph_numbers list = { 0 };
	int64_t digest, upto;
	size_t at = 1;
	HM_TRY(graph_ask_moment(a));
	HM_TRY(find_digest(a, node, &digest));
	if (graph_kept_recall(a, GRAPH_KEPT_WHOLE, node->id, SIZE_MAX, &list, &upto) && list.n &&
	    upto == a->newest && list.p[0] == digest) {
		n->artifacts = unpack(&list, &at);
		n->images = unpack(&list, &at);
		n->related = unpack(&list, &at);
		return NULL;
	}
	HM_TRY(find_names(a, node->id, digest, n));
	list = (struct graph_numbers){ 0 };
	*hm_push(a->cx, &list) = digest;
	pack(a->cx, &list, &n->artifacts);
	pack(a->cx, &list, &n->images);
	pack(a->cx, &list, &n->related);
	if (is_whole(a))
		graph_kept_remember(a, GRAPH_KEPT_WHOLE, node->id, &list);
	return NULL;
}

/* ------------------------------------------------------------------ what runs */

/* Which artifacts run, where there are not too many: most releases do not. */
static hm_err find_running(struct graph_releasing *r)
{
	struct graph_numbers all = { 0 };
	bool is_new;
	if (r->knows_running)
		return NULL;
	HM_TRY(graph_ask_numbers(r->a, "SELECT DISTINCT artifact FROM pod WHERE gone = 0 LIMIT $1",
				 STORE_VALUES(store_int(RUNNING + 1)), &all));
	for (size_t i = 0; i < all.n; i++)
		(void)graph_ids_slot(r->a->cx, &r->running, all.p[i], &is_new);
	r->knows_running = true;
	r->many_run = all.n > RUNNING || !is_whole(r->a);
	return NULL;
}

/* Those that name one of these artifacts: runtimes differ in whose digest they tell, an index's, a
 * platform's manifest's, a configuration's. */
static hm_err find_pods(struct graph_releasing *r, const struct graph_numbers *artifacts,
			struct graph_pods *out)
{
	HM_TRY(find_running(r));
	for (size_t i = 0; i < artifacts->n; i++)
		if (r->many_run || graph_ids_get(&r->running, artifacts->p[i]))
			HM_TRY(graph_ask_pods(r->a, artifacts->p[i], out));
	return NULL;
}

hm_err graph_releasing_whole(struct graph_releasing *r, int64_t node,
			     const struct graph_whole **out)
{
	const uint64_t *at = graph_ids_get(&r->wholes, node);
	struct names n = { 0 };
	bool is_new;
	if (at) {
		*out = r->whole_list.p[*at];
		return NULL;
	}
	struct graph_whole *w = hm_new(r->a->cx, struct graph_whole, 1);
	HM_TRY(graph_ask_node(r->a, node, &w->node));
	HM_TRY(recall_names(r->a, &w->node, &n));
	w->artifacts = n.artifacts;
	for (size_t i = 0; i < n.images.n; i++)
		HM_TRY(graph_ask_node(r->a, n.images.p[i], hm_push(r->a->cx, &w->images)));
	HM_TRY(find_pods(r, &n.related, &w->pods));
	*graph_ids_slot(r->a->cx, &r->wholes, node, &is_new) = r->whole_list.n;
	*hm_push(r->a->cx, &r->whole_list) = w;
	*out = w;
	return NULL;
}
