/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

/* The part of a name before its first dot, and behind it. */
static struct hm_str first_part(struct hm_str *name)
{
	return hm_cut(name, '.');
}

/* Parameters `from` to `n` begin with the same object: that is written, and the rest is left. */
static size_t put_object(struct json_out *o, const struct slsa_parameter *p, size_t n,
			 struct hm_str object)
{
	size_t i = 0;
	json_key(o, object);
	json_open(o, NULL, '{');
	for (; i < n; i++) {
		struct hm_str rest = hm_cstr(p[i].name), head = first_part(&rest);
		if (!hm_eq(head, object) || !rest.n)
			break;
		json_key(o, rest);
		json_put_str(o, NULL, p[i].value);
	}
	json_close(o, '}');
	return i;
}

static void put_parameters(struct json_out *o, const char *key, const struct slsa_parameter *p,
			   size_t n)
{
	json_open(o, key, '{');
	for (size_t i = 0; i < n;) {
		struct hm_str rest = hm_cstr(p[i].name), head = first_part(&rest);
		if (rest.n) {
			i += put_object(o, &p[i], n - i, head);
			continue;
		}
		json_key(o, head);
		json_put_str(o, NULL, p[i++].value);
	}
	json_close(o, '}');
}

static void put_dependency(struct json_out *o, struct hm_str uri, struct statement_digest digest)
{
	json_open(o, NULL, '{');
	json_put_str(o, "uri", uri);
	if (digest.alg.n) {
		json_open(o, "digest", '{');
		json_key(o, digest.alg);
		json_put_str(o, NULL, digest.value);
		json_close(o, '}');
	}
	json_close(o, '}');
}

/* The source first. */
static void put_dependencies(struct hm_cx *cx, struct json_out *o, const struct slsa_provenance *p)
{
	const struct slsa_source *s = &p->source;
	json_open(o, "resolvedDependencies", '[');
	if (s->repository.n)
		put_dependency(o,
			       hm_fmt(cx, s->ref.n ? "git+%.*s@%.*s" : "git+%.*s%.*s",
				      HM_FMT(s->repository), HM_FMT(s->ref)),
			       (struct statement_digest){
				       s->commit.n ? HM_STR("gitCommit") : HM_STR(""), s->commit });
	for (size_t i = 0; i < p->dependencies_n; i++)
		put_dependency(o, p->dependencies[i].uri, p->dependencies[i].digest);
	json_close(o, ']');
}

hm_err statement_provenance_write(struct hm_cx *cx, const struct slsa_build *b, struct hm_str *out)
{
	HM_AUTO_BUF to = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&to, false);
	const struct slsa_provenance *p = &b->what;
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_open(&o, "buildDefinition", '{');
	json_put_str(&o, "buildType", p->build_type);
	put_parameters(&o, "externalParameters", b->external, b->external_n);
	put_parameters(&o, "internalParameters", b->internal, b->internal_n);
	put_dependencies(cx, &o, p);
	json_close(&o, '}');
	json_open(&o, "runDetails", '{');
	json_open(&o, "builder", '{');
	json_put_str(&o, "id", p->builder);
	if (b->version.name)
		put_parameters(&o, "version", &b->version, 1);
	json_close(&o, '}');
	json_open(&o, "metadata", '{');
	json_put_given(&o, "invocationId", p->invocation);
	json_put_given(&o, "startedOn", p->started);
	json_put_given(&o, "finishedOn", p->finished);
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &to, "the provenance", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
