/* SPDX-License-Identifier: Apache-2.0 */
/* What manifests, indexes and configurations of images say. */
#include "graph/collect/walk.h"
#include "statement/statement.h"

#define SOURCE   "org.opencontainers.image.source"
#define REVISION "org.opencontainers.image.revision"

/* What of the annotations becomes metadata, as it is called there. */
static const char *const told[] = { OCI_CREATED,
				    OCI_TITLE,
				    "org.opencontainers.image.version",
				    "org.opencontainers.image.vendor",
				    "org.opencontainers.image.licenses",
				    "org.opencontainers.image.url",
				    SOURCE,
				    REVISION };

struct image {
	struct graph_doc *d;
	const struct oci_manifest *m;
	graph_ref artifact, package;
	struct oci_annotations labels; /* of the configuration */
};

static graph_ref add_metadata_detail(struct hm_cx *cx, struct graph_doc *d, const char *key,
				     struct hm_str value, const char *why)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "key", key);
	json_put_str(&o, "value", value);
	json_putz(&o, "justification", why);
	json_close(&o, '}');
	return graph_doc_text(cx, d, hm_buf_str(&b));
}

static void say_metadata(struct hm_cx *cx, const struct image *i, const char *key,
			 struct hm_str value, const char *why)
{
	if (!value.n)
		return;
	graph_ref detail = add_metadata_detail(cx, i->d, key, value, why);
	if (detail)
		graph_doc_fact(cx, i->d,
			       &(struct graph_fact){ .kind = GRAPH_HAS_METADATA,
						     .subject = i->artifact,
						     .detail = detail });
}

/* "{key: value}" */
static graph_ref pair(struct hm_cx *cx, struct graph_doc *d, const char *key, struct hm_str value)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, key, value);
	json_close(&o, '}');
	return value.n ? graph_doc_text(cx, d, hm_buf_str(&b)) : 0;
}

/* The manifest's own word counts before the configuration's. */
static struct hm_str annotation(const struct image *i, const char *key)
{
	struct hm_str v = oci_annotation_get(&i->m->annotations, key);
	return v.n ? v : oci_annotation_get(&i->labels, key);
}

static void say_base(struct hm_cx *cx, const struct image *i)
{
	struct hm_str name = annotation(i, OCI_BASE_NAME), hex;
	struct hm_str digest = annotation(i, OCI_BASE_DIGEST);
	enum crypto_digest alg;
	if (oci_digest_parse(cx, digest, &alg, &hex))
		return;
	graph_doc_fact(cx, i->d,
		       &(struct graph_fact){ .kind = GRAPH_BASED_ON,
					     .subject = i->artifact,
					     .object = graph_collect_artifact(cx, i->d, digest),
					     .detail = pair(cx, i->d, "name", name) });
}

/* A repository's address and a commit, as GUAC names sources. */
static void say_source(struct hm_cx *cx, const struct image *i)
{
	struct slsa_source s = { 0 };
	struct hm_str url = statement_source_public(cx, annotation(i, SOURCE));
	struct hm_str commit = annotation(i, REVISION);
	if (!url.n || !i->package)
		return;
	statement_source_parse(url, &s);
	size_t scheme = hm_find(s.repository, HM_STR("://"));
	if (scheme == SIZE_MAX || hm_find_char(commit, '@') != SIZE_MAX)
		return;
	struct hm_str key = hm_fmt(cx, "git+%.*s%s%.*s", HM_FMT(hm_from(s.repository, scheme + 3)),
				   commit.n ? "@" : "", HM_FMT(commit));
	graph_doc_fact(cx, i->d,
		       &(struct graph_fact){
			       .kind = GRAPH_HAS_SOURCE_AT,
			       .subject = i->package,
			       .object = graph_doc_noun(cx, i->d, GRAPH_SOURCE, key, 0),
			       .detail = pair(cx, i->d, "justification", HM_STR(SOURCE)) });
}

bool graph_collect_is_config(struct hm_str type)
{
	return hm_eqz(type, OCI_CONFIG) ||
	       hm_eqz(type, "application/vnd.docker.container.image.v1+json");
}

static void say_platform(struct hm_cx *cx, const struct image *i, const struct oci_platform *p)
{
	say_metadata(cx, i, "platform", oci_platform_text(cx, p), "image configuration");
}

/* The configuration is an artifact, too: some runtimes call what runs by its digest. */
static hm_err say_config(struct hm_cx *cx, const struct graph_collect_walk *w, struct image *i)
{
	struct hm_str bytes;
	struct json doc;
	if (!graph_collect_is_config(i->m->config.media_type))
		return NULL;
	graph_doc_fact(cx, i->d,
		       &(struct graph_fact){
			       .kind = GRAPH_PART_OF,
			       .subject = graph_collect_artifact(cx, i->d, i->m->config.digest),
			       .object = i->artifact,
			       .detail = pair(cx, i->d, "as", HM_STR("configuration")) });
	HM_TRY_IN(cx, oci_fetch(cx, w->place, &i->m->config, HM_MAX_MANIFEST, &bytes),
		  "its configuration");
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_NUL, &doc), "its configuration");
	struct oci_platform p = { .os = json_str(json_get(doc, "os")),
				  .architecture = json_str(json_get(doc, "architecture")),
				  .variant = json_str(json_get(doc, "variant")) };
	say_platform(cx, i, &p);
	struct json labels = json_get(json_get(doc, "config"), "Labels");
	if (json_size(labels) <= HM_MAX_ANNOTATIONS)
		for (struct json_iter it = json_iter(labels); json_next(&it);)
			*hm_push(cx, &i->labels) =
				(struct oci_annotation){ it.key, json_str(it.value) };
	if (!annotation(i, OCI_CREATED).n)
		say_metadata(cx, i, OCI_CREATED, json_str(json_get(doc, "created")),
			     "image configuration");
	return NULL;
}

/* What builders say of the image without signing it stands in the index (BuildKit). */
static bool is_built(const struct oci_descriptor *d)
{
	return hm_eqz(oci_annotation_get(&d->annotations, "vnd.docker.reference.type"),
		      "attestation-manifest");
}

static void say_entry(struct hm_cx *cx, struct graph_collect_walk *w, const struct image *i,
		      const struct graph_collect_node *n, const struct oci_descriptor *d)
{
	struct graph_collect_node *next = hm_push(w->cx, &w->todo);
	*next = (struct graph_collect_node){ .role = is_built(d) ? GRAPH_AS_BUILT : GRAPH_AS_IMAGE,
					     .depth = n->depth + 1 };
	next->d = (struct oci_descriptor){ .media_type = hm_dup(w->cx, d->media_type),
					   .digest = hm_dup(w->cx, d->digest),
					   .size = d->size };
	graph_doc_fact(cx, i->d,
		       &(struct graph_fact){
			       .kind = GRAPH_PART_OF,
			       .subject = graph_collect_artifact(cx, i->d, d->digest),
			       .object = i->artifact,
			       .detail = pair(cx, i->d, is_built(d) ? "as" : "platform",
					      is_built(d) ? HM_STR("attestation")
							  : oci_platform_text(cx, &d->platform)) });
}

hm_err graph_collect_image(struct hm_cx *cx, struct graph_collect_walk *w,
			   const struct graph_collect_node *n, const struct oci_manifest *m,
			   struct graph_doc *d)
{
	struct image i = {
		.d = d,
		.m = m,
		.artifact = graph_collect_artifact(cx, d, n->d.digest),
		.package = graph_doc_package(cx, d, oci_target_purl(cx, w->target, n->d.digest))
	};
	if (i.package)
		graph_doc_fact(cx, d,
			       &(struct graph_fact){ .kind = GRAPH_IS_OCCURRENCE,
						     .subject = i.package,
						     .object = i.artifact,
						     .detail = pair(cx, d, "justification",
								    HM_STR("OCI manifest")) });
	if (m->kind == OCI_IS_INDEX)
		for (size_t k = 0; k < m->layers_n; k++)
			say_entry(cx, w, &i, n, &m->layers[k]);
	else
		HM_TRY(say_config(cx, w, &i));
	for (size_t k = 0; k < HM_LEN(told); k++)
		say_metadata(cx, &i, told[k], annotation(&i, told[k]), "OCI annotation");
	say_base(cx, &i);
	say_source(cx, &i);
	return NULL;
}
