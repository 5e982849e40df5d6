/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture.h - a graph made of facts that are written as lines:
 *
 *     FACT;KIND:KEY;KIND:KEY;DETAIL
 *
 * Object and detail may be empty. Each call is one document.
 */
#ifndef TESTS_UNIT_GRAPH_FIXTURE_H
#define TESTS_UNIT_GRAPH_FIXTURE_H

#include "crypto/crypto.h"
#include "graph/room.h"
#include "unit.h"

static int fixture_kind(struct hm_str name, const char *const *names, int n)
{
	for (int i = 1; i < n; i++)
		if (hm_eqz(name, names[i]))
			return i;
	fail_msg("no kind \"%s\"", hm_dupz(&(struct hm_cx){ .budget = HM_MIB }, name));
	return 0;
}

static graph_ref fixture_noun(struct hm_cx *cx, struct graph_doc *d, struct hm_str text)
{
	struct hm_str key = text, kind = hm_cut(&key, ':');
	if (!text.n)
		return 0;
	if (hm_eqz(kind, "package"))
		return graph_doc_package(cx, d, key);
	return graph_doc_noun(cx, d,
			      (enum graph_noun_kind)fixture_kind(kind, graph_noun_names,
								 GRAPH_NOUN_KINDS),
			      key, 0);
}

static __attribute__((unused)) void fixture_say(struct hm_cx *cx, struct graph *g,
						const struct graph_source *from, const char *lines)
{
	struct graph_parsed parsed = { .doc.format = HM_STR("test"), .from = *from };
	struct graph_parsed *const one = &parsed;
	struct graph_doc *d = &parsed.doc;
	struct hm_str rest = hm_cstr(lines);
	parsed.taken.format = d->format;
	parsed.taken.digest = crypto_digest_text(cx, CRYPTO_SHA256, rest);
	parsed.taken.size = rest.n;
	while (rest.n) {
		struct hm_str line = hm_line(&rest), fact = hm_cut(&line, ';');
		struct hm_str subject = hm_cut(&line, ';'), object = hm_cut(&line, ';');
		graph_doc_fact(cx, d,
			       &(struct graph_fact){
				       .kind = (enum graph_fact_kind)fixture_kind(fact,
										  graph_fact_names,
										  GRAPH_FACT_KINDS),
				       .subject = fixture_noun(cx, d, subject),
				       .object = fixture_noun(cx, d, object),
				       .detail = line.n ? graph_doc_text(cx, d, line) : 0 });
	}
	assert_ok(graph_write(cx, g, &one, 1));
}

/* A container that runs (gone 0), or ran. */
static __attribute__((unused)) void fixture_pod(struct hm_cx *cx, struct graph *g, int64_t id,
						const char *artifact, int64_t gone)
{
	STORE_AUTO_USE use = NULL;
	int64_t node;
	assert_ok(store_begin(cx, g->tables, STORE_WRITE, &use));
	assert_ok(graph_make(cx, use, GRAPH_ARTIFACT, hm_cstr(artifact), &node));
	assert_ok(store_run(
		cx, use,
		"INSERT INTO pod (id, cluster, uid, container, namespace, name, owner, "
		"image, artifact, host, since, gone) VALUES ($1, 'prod', $2, 'c', 'shop', "
		"'web-1', 'Deployment/web', 'r.example/web:1', $3, 'node-1', 1000, $4)",
		STORE_VALUES(store_int(id), store_text(hm_fmt(cx, "uid-%d", (int)id)),
			     store_int(node), store_int(gone)),
		NULL, NULL));
	assert_ok(store_commit(cx, use));
}

static __attribute__((unused)) const struct graph_source fixture_file = {
	HM_STR_INIT("docs/sbom.json"), HM_STR_INIT("FileCollector"), { "", 0 }, GRAPH_NOT_ASKED
};
static __attribute__((unused))
const struct graph_source fixture_believed = { HM_STR_INIT("r.example/web@sha256:ab"),
					       HM_STR_INIT("registry"),
					       HM_STR_INIT("key:sha256:01"), GRAPH_BELIEVED };
static __attribute__((unused))
const struct graph_source fixture_doubted = { HM_STR_INIT("r.example/web@sha256:cd"),
					      HM_STR_INIT("registry"), HM_STR_INIT("key:sha256:02"),
					      GRAPH_NOT_BELIEVED };

/* Believed, for another repository. */
static __attribute__((unused))
const struct graph_source fixture_elsewhere = { HM_STR_INIT("r.example/other@sha256:ef"),
						HM_STR_INIT("registry"),
						HM_STR_INIT("key:sha256:03"), GRAPH_BELIEVED };
/* Beside an image, and no policy was asked. */
static __attribute__((unused)) const struct graph_source fixture_beside = {
	HM_STR_INIT("r.example/web@sha256:ef"), HM_STR_INIT("registry"), { "", 0 }, GRAPH_NOT_ASKED
};

static __attribute__((unused)) struct graph *fixture_open(struct hm_cx *cx)
{
	static unsigned serial;
	struct graph *g;
	assert_ok(graph_open(cx, hm_path(cx, unit_temp_dir(), hm_fmt(cx, "g%u", serial++).p), &g));
	return g;
}

#endif
