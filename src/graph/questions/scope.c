/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For what a document is believed. A statement of the trust policy is for some repositories: a
 * signer who is believed there is nobody elsewhere, whatever the document speaks of.
 */
#include "graph/questions/scope.h"
#include "oci/oci.h"

/* The repository of a document that was collected there; empty: it was not. */
static struct hm_str repository_of(const struct graph_witness *source)
{
	size_t at = hm_rfind_char(source->origin, '@');
	return at == SIZE_MAX ? HM_STR("") : hm_sub(source->origin, 0, at);
}

/* Of "registry/repository:tag", or as a runtime writes it; empty: it has no name. */
static struct hm_str repository_of_image(struct hm_cx *cx, struct hm_str image)
{
	struct oci_target t;
	if (image.n > HM_MAX_REFERENCE || oci_target_parse(cx, image, &t) || t.kind != OCI_REGISTRY)
		return HM_STR("");
	return hm_fmt(cx, "%.*s/%.*s", HM_FMT(t.registry), HM_FMT(t.repository));
}

/* By its names, or by where its SBOM is. Of what has neither nobody knows. */
static bool is_named(struct hm_cx *cx, struct hm_str mine, const struct graph_whole *whole,
		     const struct graph_witness *sbom)
{
	struct hm_str other = sbom ? repository_of(sbom) : HM_STR("");
	bool any = other.n > 0;
	if (hm_eq(mine, other))
		return true;
	for (size_t i = 0; i < whole->images.n; i++) {
		other = repository_of_image(cx, whole->images.p[i].key);
		any |= other.n > 0;
		if (hm_eq(mine, other))
			return true;
	}
	return !any;
}

/* Whoever may push copies what is elsewhere into his own repository: a name there is not enough for
 * what runs from another. */
bool graph_scope_has(struct hm_cx *cx, const struct graph_witness *source,
		     const struct graph_whole *whole, const struct graph_witness *sbom)
{
	struct hm_str mine = repository_of(source);
	return !mine.n ||
	       (is_named(cx, mine, whole, sbom) && graph_scope_has_pods(cx, source, &whole->pods));
}

bool graph_scope_has_pods(struct hm_cx *cx, const struct graph_witness *source,
			  const struct graph_pods *pods)
{
	struct hm_str mine = repository_of(source);
	for (size_t i = 0; mine.n && i < pods->n; i++) {
		struct hm_str other = repository_of_image(cx, pods->p[i].image);
		if (other.n && !hm_eq(mine, other))
			return false;
	}
	return true;
}
