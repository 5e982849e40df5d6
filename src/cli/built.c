/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/built.h"

#include "cli/answer.h"
#include "statement/statement.h"

struct manifests {
	struct cli_built_manifest *p;
	size_t n, cap;
};

static void add_manifest(struct hm_cx *cx, struct manifests *all, const struct oci_descriptor *d,
			 struct hm_str about)
{
	struct cli_built_manifest *m = hm_push(cx, all);
	*m = (struct cli_built_manifest){ *d, about };
	m->descriptor.artifact_type = HM_STR(CLI_BUILT_TYPE);
}

static void add_entries(struct hm_cx *cx, struct manifests *all, const struct oci_manifest *index)
{
	for (size_t i = 0; i < index->layers_n; i++) {
		const struct oci_descriptor *d = &index->layers[i];
		struct hm_str type =
			oci_annotation_get(&d->annotations, "vnd.docker.reference.type");
		if (hm_eqz(type, "attestation-manifest"))
			add_manifest(cx, all, d,
				     oci_annotation_get(&d->annotations,
							"vnd.docker.reference.digest"));
	}
}

hm_err cli_built_entries(struct hm_cx *cx, struct oci_place *p,
			 const struct oci_descriptor *subject, struct cli_built_manifest **out,
			 size_t *out_n)
{
	struct manifests all = { 0 };
	struct oci_manifest m;
	HM_TRY(oci_fetch_manifest(cx, p, subject, &m));
	add_entries(cx, &all, &m);
	*out = all.p;
	*out_n = all.n;
	return NULL;
}

hm_err cli_built_manifests(struct hm_cx *cx, struct oci_place *p,
			   const struct oci_descriptor *subject, struct cli_built_manifest **out,
			   size_t *out_n)
{
	struct manifests all = { 0 };
	struct oci_referrer_list list;
	HM_TRY(cli_built_entries(cx, p, subject, &all.p, &all.n));
	all.cap = all.n;
	HM_TRY(oci_referrers(cx, p, subject, HM_STR(CLI_BUILT_TYPE), &list));
	for (size_t i = 0; i < list.n; i++)
		add_manifest(cx, &all, &list.p[i], subject->digest);
	*out = all.p;
	*out_n = all.n;
	return NULL;
}

/* --- their statements --- */

struct found {
	struct cli_built *p;
	size_t n, cap;
	struct hm_str type; /* of predicate, that is wanted; empty: any */
	/* Whoever may push decides how many there are, and how large: all that was read counts. */
	size_t manifests, statements;
	uint64_t bytes;
};

static bool is_full(const struct found *all)
{
	return all->manifests >= HM_MAX_SIGNATURES || all->statements >= HM_MAX_SIGNATURES ||
	       all->bytes >= HM_MAX_SIGNATURE_BYTES;
}

static hm_err read_statement(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			     struct cli_built *b)
{
	struct statement s;
	HM_TRY(oci_fetch(cx, p, d, HM_MAX_ENVELOPE, &b->statement));
	HM_TRY(statement_parse(cx, b->statement, &s));
	b->predicate = s.predicate_type;
	if (!statement_names(&s, b->manifest.about))
		return hm_fail(cx, HM_TRUST, "it is a statement about something else than \"%.*s\"",
			       HM_FMT(b->manifest.about));
	return NULL;
}

/* Faults that are this manifest's, or this statement's, own; any other is the place's. */
static bool is_own(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_LIMIT || err->code == HM_TRUST ||
	       err->code == HM_ABSENT;
}

static void add_broken(struct hm_cx *cx, const struct cli_built_manifest *from, hm_err err,
		       struct found *all)
{
	*hm_push(cx, all) = (struct cli_built){ .manifest = *from, .err = hm_fault_copy(cx, err) };
}

/* Each is read in memory of its own, which only what is wanted outlives. */
static hm_err add_statement(struct hm_cx *cx, struct oci_place *p,
			    const struct cli_built_manifest *from, const struct oci_descriptor *d,
			    struct found *all)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct cli_built one = { .manifest = *from };
	hm_err err = read_statement(&own, p, d, &one);
	all->statements++;
	all->bytes += one.statement.n;
	if (err && !is_own(err))
		return hm_fault_copy(cx, err);
	if (err) {
		add_broken(cx, from, err, all);
	} else if (!all->type.n || hm_eq(all->type, one.predicate)) {
		one.statement = hm_dup(cx, one.statement);
		one.predicate = hm_dup(cx, one.predicate);
		*hm_push(cx, all) = one;
	}
	return NULL;
}

static hm_err add_statements(struct hm_cx *cx, struct oci_place *p,
			     const struct cli_built_manifest *from, struct found *all)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct oci_manifest m = { 0 };
	hm_err err = oci_fetch_manifest(&own, p, &from->descriptor, &m);
	if (err && !is_own(err))
		return hm_fault_copy(cx, err);
	if (err)
		add_broken(cx, from, err, all);
	for (size_t i = 0; i < m.layers_n && !err && !is_full(all); i++)
		if (hm_eqz(m.layers[i].media_type, STATEMENT_CONTENT_TYPE))
			HM_TRY(add_statement(cx, p, from, &m.layers[i], all));
	all->manifests++;
	return NULL;
}

hm_err cli_built_find(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		      struct hm_str type, struct cli_built **out, size_t *out_n)
{
	struct cli_built_manifest *manifests;
	struct found all = { .type = type };
	size_t n;
	HM_TRY(cli_built_manifests(cx, p, subject, &manifests, &n));
	for (size_t i = 0; i < n && !is_full(&all); i++)
		HM_TRY(add_statements(cx, p, &manifests[i], &all));
	if (is_full(&all))
		hm_log(cx, HM_LOG_WARN, "no more unsigned statements are looked at than these",
		       "manifests", hm_fmt(cx, "%zu of %zu", all.manifests, n).p, "statements",
		       hm_fmt(cx, "%zu", all.statements).p, NULL);
	*out = all.p;
	*out_n = all.n;
	return NULL;
}

/* --- shown --- */

static struct slsa_provenance provenance_of(struct hm_cx *cx, const struct cli_built *b)
{
	struct statement s;
	struct slsa_provenance p = { 0 };
	if (b->err || statement_parse(cx, b->statement, &s) ||
	    statement_provenance_read(cx, &s, &p))
		return (struct slsa_provenance){ 0 };
	return p;
}

void cli_built_put(struct hm_cx *cx, struct json_out *o, const struct cli_built *b, size_t n,
		   bool whole)
{
	if (!n)
		return;
	json_open(o, "unsigned", '[');
	for (size_t i = 0; i < n; i++) {
		struct hm_mark mark = hm_mark(cx);
		struct slsa_provenance p = provenance_of(cx, &b[i]);
		struct json statement;
		json_open(o, NULL, '{');
		json_put_str(o, "digest", b[i].manifest.descriptor.digest);
		json_put_str(o, "about", b[i].manifest.about);
		json_put_given(o, "predicateType", b[i].predicate);
		json_put_given(o, "buildType", p.build_type);
		json_put_given(o, "source", p.source.repository);
		json_put_given(o, "commit", p.source.commit);
		if (b[i].err)
			json_putz(o, "error", b[i].err->why);
		else if (whole && !json_parse(cx, b[i].statement, JSON_STRICT, &statement))
			json_put_json(o, "statement", statement);
		json_close(o, '}');
		hm_release(cx, mark);
	}
	json_close(o, ']');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *key, struct hm_str value)
{
	if (!value.n)
		return;
	*hm_push(cx, &t->cells) = hm_cstr(key);
	*hm_push(cx, &t->cells) = value;
}

void cli_built_tabulate(struct hm_cx *cx, const struct cli_built *b, size_t n, struct hm_buf *out)
{
	static const char *const columns[] = { "UNSIGNED STATEMENT", "", NULL };
	for (size_t i = 0; i < n; i++) {
		struct cli_table t = { .columns = columns, .columns_n = 2 };
		struct slsa_provenance p = provenance_of(cx, &b[i]);
		add_row(cx, &t, "digest", b[i].manifest.descriptor.digest);
		add_row(cx, &t, "about", b[i].manifest.about);
		add_row(cx, &t, "predicate", b[i].predicate);
		add_row(cx, &t, "build type", p.build_type);
		add_row(cx, &t, "source", p.source.repository);
		add_row(cx, &t, "  commit", p.source.commit);
		if (b[i].err)
			add_row(cx, &t, "broken", hm_cstr(b[i].err->why));
		hm_buf_char(out, '\n');
		cli_table_format(cx, &t, out);
	}
}
