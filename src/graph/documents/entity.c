/* SPDX-License-Identifier: Apache-2.0 */
/* What in-toto statements are about, as GUAC names it (pkg/assembler/helpers/vcs.go, purl.go). */
#include "graph/documents/documents.h"

static bool is_commit(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0)
			return false;
	return s.n == 40;
}

graph_ref graph_doc_source(struct hm_cx *cx, struct graph_doc *d, const struct graph_source_name *s)
{
	struct hm_str revision = s->commit.n ? s->commit : s->tag;
	if (!s->type.n || !s->name.n)
		return 0;
	return graph_doc_noun(cx, d, GRAPH_SOURCE,
			      hm_fmt(cx, "%.*s+%.*s%s%.*s%s%.*s", HM_FMT(s->type), HM_FMT(s->space),
				     s->space.n ? "/" : "", HM_FMT(s->name),
				     s->commit.n ? "@"
				     : s->tag.n  ? "#"
						 : "",
				     HM_FMT(revision)),
			      0);
}

graph_ref graph_doc_digest(struct hm_cx *cx, struct graph_doc *d, struct hm_str digest)
{
	struct hm_str hex = digest, algorithm = hm_cut(&hex, ':');
	return graph_doc_artifact(cx, d, algorithm, hex);
}

/* Hosts whose https addresses are git's. */
static bool is_forge(struct hm_str host)
{
	return hm_eqz(host, "github.com") || hm_eqz(host, "gitlab.com") ||
	       hm_eqz(host, "go.googlesource.com") ||
	       hm_find(host, HM_STR("bitbucket")) != SIZE_MAX;
}

/* "git+https://host/path/name@revision". 0: it is none. */
static graph_ref source(struct hm_cx *cx, struct graph_doc *d, struct hm_str uri)
{
	struct graph_source_name s = { 0 };
	size_t scheme = hm_find(uri, HM_STR("://"));
	if (scheme == SIZE_MAX)
		return 0;
	s.type = hm_sub(uri, 0, scheme);
	struct hm_str rest = hm_from(uri, scheme + 3);
	size_t end = hm_find_char(rest, '#');
	if (end != SIZE_MAX)
		rest.n = end;
	struct hm_str path = rest, host = hm_cut(&path, '/');
	size_t plus = hm_find_char(s.type, '+');
	if (plus != SIZE_MAX)
		s.type.n = plus;
	else if ((hm_eqz(s.type, "https") && is_forge(host)) || hm_eqz(s.type, "git"))
		s.type = HM_STR("git");
	else
		return 0;
	size_t slash = hm_rfind_char(path, '/');
	s.space = slash == SIZE_MAX || !slash
			  ? host
			  : hm_fmt(cx, "%.*s/%.*s", HM_FMT(host), HM_FMT(hm_sub(path, 0, slash)));
	struct hm_str revision = slash == SIZE_MAX ? path : hm_from(path, slash + 1);
	s.name = hm_cut(&revision, '@');
	if (hm_ends(s.name, HM_STR(".git")))
		s.name.n -= 4;
	if (is_commit(revision))
		s.commit = revision;
	else
		s.tag = revision;
	return graph_doc_source(cx, d, &s);
}

/* "type::namespace::name::tag::commit?", as GUAC writes a source. Empty parts are "guac-empty-@@".
 */
static graph_ref written_source(struct hm_cx *cx, struct graph_doc *d, struct hm_str uri)
{
	struct hm_str parts[5] = { { "", 0 } };
	size_t n = 0;
	while (n < HM_LEN(parts) && uri.n)
		parts[n++] = hm_cut_str(&uri, HM_STR("::"));
	if (n != HM_LEN(parts) || uri.n)
		return 0;
	while (hm_ends(parts[4], HM_STR("?")))
		parts[4].n--;
	for (size_t i = 0; i < n; i++)
		if (hm_eqz(parts[i], "guac-empty-@@"))
			parts[i] = HM_STR("");
	return graph_doc_source(cx, d,
				&(struct graph_source_name){ parts[0], parts[1], parts[2], parts[4],
							     parts[3] });
}

static graph_ref thing(struct hm_cx *cx, struct graph_doc *d, struct hm_str name, struct hm_str uri)
{
	graph_ref ref = uri.n ? graph_doc_package(cx, d, uri) : 0;
	if (!name.n)
		name = uri;
	if (!ref)
		ref = source(cx, d, name);
	if (!ref)
		ref = written_source(cx, d, name);
	if (ref)
		return ref;
	struct hm_str part = graph_purl_part(cx, name, true);
	return graph_doc_package(cx, d,
				 hm_fmt(cx, "pkg:guac/generic%s%.*s",
					hm_starts(part, HM_STR("/")) ? "" : "/", HM_FMT(part)));
}

/* Digests in quotes of their own are written by some. */
void graph_read_entity(struct hm_cx *cx, struct graph_doc *d, const struct graph_named *named,
		       struct graph_entity *out)
{
	*out = (struct graph_entity){ .is = thing(cx, d, named->name, named->uri) };
	for (struct json_iter it = json_iter(named->digests); json_next(&it);) {
		struct hm_str hex = json_str(it.value);
		while (hm_starts(hex, HM_STR("'")))
			hex = hm_from(hex, 1);
		while (hm_ends(hex, HM_STR("'")))
			hex.n--;
		graph_ref artifact = graph_doc_artifact(cx, d, it.key, hex);
		if (artifact)
			*hm_push(cx, &out->artifacts) = artifact;
	}
}

struct hm_str graph_predicate_type(struct json doc)
{
	return json_str(graph_either(doc, "predicateType", "predicate_type"));
}

bool graph_is_statement(struct json doc)
{
	return hm_starts(json_str(graph_either(doc, "_type", "type")),
			 HM_STR("https://in-toto.io/Statement")) &&
	       graph_predicate_type(doc).n;
}

void graph_say_occurrence(struct hm_cx *cx, struct graph_doc *d, const struct graph_entity *e,
			  const char *why)
{
	graph_ref detail = graph_detail_of(cx, d, "justification", hm_cstr(why));
	for (size_t i = 0; e->is && i < e->artifacts.n; i++)
		graph_doc_fact(cx, d,
			       &(struct graph_fact){ .kind = GRAPH_IS_OCCURRENCE,
						     .subject = e->is,
						     .object = e->artifacts.p[i],
						     .detail = detail });
}

void graph_say_metadata(struct hm_cx *cx, struct graph_doc *d, graph_ref subject,
			const struct graph_metadata *m)
{
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	json_putz(&t.o, "key", m->key);
	graph_detail_str(cx, &t, "value", m->value);
	graph_detail_time(cx, &t, "timestamp", m->when);
	json_putz(&t.o, "justification", m->why);
	graph_doc_fact(cx, d,
		       &(struct graph_fact){ .kind = GRAPH_HAS_METADATA,
					     .subject = subject,
					     .detail = graph_detail_end(cx, d, &t) });
}
