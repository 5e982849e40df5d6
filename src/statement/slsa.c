/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

/* --- sources --- */

static struct hm_str without(struct hm_str s, struct hm_str head)
{
	return hm_starts(s, head) ? hm_from(s, head.n) : s;
}

static struct hm_str without_end(struct hm_str s, struct hm_str tail)
{
	return hm_ends(s, tail) ? hm_sub(s, 0, s.n - tail.n) : s;
}

/* Where the path begins: a user in front of the host has an '@', too. */
static size_t path_of(struct hm_str uri)
{
	size_t scheme = hm_find(uri, HM_STR("://"));
	size_t host = scheme == SIZE_MAX ? 0 : scheme + 3;
	size_t slash = hm_find_char(hm_from(uri, host), '/');
	return slash == SIZE_MAX ? uri.n : host + slash;
}

void statement_source_parse(struct hm_str uri, struct slsa_source *out)
{
	struct hm_str whole = without(uri, HM_STR("git+"));
	size_t path = path_of(whole);
	size_t at = path;
	while (at < whole.n && whole.p[at] != '@' && whole.p[at] != '#')
		at++;
	struct hm_str repository = hm_sub(whole, 0, at);
	out->ref = hm_from(whole, at + 1);
	repository = without_end(repository, HM_STR("/"));
	out->repository = without_end(repository, HM_STR(".git"));
	out->commit = HM_STR("");
}

struct hm_str statement_source_public(struct hm_cx *cx, struct hm_str url)
{
	struct hm_str all = hm_trim(url);
	size_t scheme = hm_find(all, HM_STR("://"));
	if (scheme == SIZE_MAX)
		return hm_find_char(all, '@') == SIZE_MAX ? all : HM_STR("");
	struct hm_str head = hm_lower(cx, hm_sub(all, 0, scheme + 3));
	struct hm_str rest = hm_from(all, scheme + 3);
	rest = hm_sub(rest, 0, hm_find_char(rest, '?'));
	rest = hm_sub(rest, 0, hm_find_char(rest, '#'));
	struct hm_str host = hm_sub(rest, 0, hm_find_char(rest, '/'));
	size_t at = hm_rfind_char(host, '@');
	struct hm_str user = hm_sub(host, 0, at == SIZE_MAX ? 0 : at);
	bool stays = hm_eqz(head, "ssh://") && hm_find_char(user, ':') == SIZE_MAX;
	if (at != SIZE_MAX && !stays)
		rest = hm_from(rest, at + 1);
	return hm_fmt(cx, "%.*s%.*s", HM_FMT(head), HM_FMT(rest));
}

static struct hm_str bare(struct hm_str s)
{
	s = without(without(s, HM_STR("git+")), HM_STR("https://"));
	return without_end(without_end(s, HM_STR("/")), HM_STR(".git"));
}

bool statement_same_repository(struct hm_str a, struct hm_str b)
{
	return hm_eq(bare(a), bare(b));
}

/* A git commit under one of the names that it goes by. */
static struct hm_str commit_of(struct json digest)
{
	static const char *const names[] = { "gitCommit", "sha1", "sha256" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (json_str(json_get(digest, names[i])).n)
			return json_str(json_get(digest, names[i]));
	return HM_STR("");
}

static bool is_git(struct hm_str uri)
{
	return hm_starts(uri, HM_STR("git+"));
}

static hm_err read_dependencies(struct hm_cx *cx, struct json list, struct slsa_provenance *p)
{
	size_t n = json_size(list);
	if (json_is_there(list) && !json_is_null(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "its dependencies are not a list");
	if (n > HM_MAX_SLSA_DEPENDENCIES)
		return hm_fail(cx, HM_LIMIT, "it has too many dependencies");
	p->dependencies = hm_new(cx, struct slsa_dependency, n + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct slsa_dependency *d = &p->dependencies[p->dependencies_n++];
		struct json_iter digests = json_iter(json_get(it.value, "digest"));
		d->uri = json_str(json_get(it.value, "uri"));
		if (json_next(&digests))
			d->digest =
				(struct statement_digest){ digests.key, json_str(digests.value) };
	}
	return NULL;
}

/* Each names a repository, and not two refs. */
static bool is_same_source(const struct slsa_source *a, const struct slsa_source *b)
{
	return hm_eq(a->repository, b->repository) &&
	       (!a->ref.n || !b->ref.n || hm_eq(a->ref, b->ref));
}

static hm_err complete_source(struct hm_cx *cx, const struct slsa_source *with,
			      struct slsa_source *source)
{
	if (source->commit.n && with->commit.n && !hm_eq(with->commit, source->commit))
		return hm_fail(cx, HM_TRUST, "it names two commits of its source");
	source->commit = source->commit.n ? source->commit : with->commit;
	source->ref = source->ref.n ? source->ref : with->ref;
	return NULL;
}

/* What the build was asked to build is among what it took: `list` is as read_dependencies() saw it.
 * Whoever names one source in the parameters and another there is not to be believed. */
static hm_err settle_source(struct hm_cx *cx, struct json list, struct slsa_source *source)
{
	struct slsa_source last = { 0 };
	size_t seen = 0;
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str uri = json_str(json_get(it.value, "uri"));
		if (!is_git(uri))
			continue;
		seen++;
		statement_source_parse(uri, &last);
		last.commit = commit_of(json_get(it.value, "digest"));
		if (source->repository.n && is_same_source(&last, source))
			return complete_source(cx, &last, source);
	}
	if (source->repository.n && seen)
		return hm_fail(cx, HM_TRUST,
			       "its source \"%.*s\" is not among what it was built from",
			       HM_FMT(source->repository));
	if (seen == 1)
		*source = last;
	return NULL;
}

/* The places in which the build types that are known name their source. */
static void find_source(struct json external, struct slsa_source *out)
{
	struct json workflow = json_get(external, "workflow");
	struct json source = json_get(external, "source");
	struct json config = json_get(external, "configSource");
	if (!json_is_there(workflow)) /* Google's Cloud Build */
		workflow = json_get(external, "buildConfigSource");
	if (json_str(json_get(workflow, "repository")).n) {
		statement_source_parse(json_str(json_get(workflow, "repository")), out);
		out->ref = json_str(json_get(workflow, "ref"));
		return;
	}
	if (!json_is_string(source) && !json_str(json_get(source, "uri")).n)
		source = config;
	struct hm_str uri =
		json_is_string(source) ? json_str(source) : json_str(json_get(source, "uri"));
	/* a folder of the builder's, or an archive, is no repository */
	if (is_git(uri) || hm_starts(uri, HM_STR("https://"))) {
		statement_source_parse(uri, out);
		out->commit = commit_of(json_get(source, "digest"));
	}
}

/* --- provenance --- */

static hm_err read_version_1(struct hm_cx *cx, struct json predicate, struct slsa_provenance *p)
{
	struct json definition = json_get(predicate, "buildDefinition");
	struct json run = json_get(predicate, "runDetails");
	struct json metadata = json_get(run, "metadata");
	struct json dependencies = json_get(definition, "resolvedDependencies");
	HM_TRY(json_need_str(cx, definition, "buildType", &p->build_type));
	HM_TRY(json_need_str(cx, json_get(run, "builder"), "id", &p->builder));
	p->invocation = json_str(json_get(metadata, "invocationId"));
	if (!p->invocation.n) /* GitLab's spelling */
		p->invocation = json_str(json_get(metadata, "invocationID"));
	p->started = json_str(json_get(metadata, "startedOn"));
	p->finished = json_str(json_get(metadata, "finishedOn"));
	find_source(json_get(definition, "externalParameters"), &p->source);
	HM_TRY(read_dependencies(cx, dependencies, p));
	return settle_source(cx, dependencies, &p->source);
}

static hm_err read_version_02(struct hm_cx *cx, struct json predicate, struct slsa_provenance *p)
{
	struct json metadata = json_get(predicate, "metadata");
	struct json config = json_get(json_get(predicate, "invocation"), "configSource");
	HM_TRY(json_need_str(cx, predicate, "buildType", &p->build_type));
	HM_TRY(json_need_str(cx, json_get(predicate, "builder"), "id", &p->builder));
	p->invocation = json_str(json_get(metadata, "buildInvocationId"));
	if (!p->invocation.n)
		p->invocation = json_str(json_get(metadata, "buildInvocationID"));
	p->started = json_str(json_get(metadata, "buildStartedOn"));
	p->finished = json_str(json_get(metadata, "buildFinishedOn"));
	if (json_str(json_get(config, "uri")).n) {
		statement_source_parse(json_str(json_get(config, "uri")), &p->source);
		p->source.commit = commit_of(json_get(config, "digest"));
	}
	HM_TRY(read_dependencies(cx, json_get(predicate, "materials"), p));
	return settle_source(cx, json_get(predicate, "materials"), &p->source);
}

hm_err statement_provenance_read(struct hm_cx *cx, const struct statement *s,
				 struct slsa_provenance *out)
{
	struct slsa_provenance p = { 0 };
	if (hm_eqz(s->predicate_type, SLSA_PROVENANCE))
		HM_TRY(read_version_1(cx, s->predicate, &p));
	else if (hm_eqz(s->predicate_type, SLSA_OLD_PROVENANCE))
		HM_TRY(read_version_02(cx, s->predicate, &p));
	else
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an SLSA provenance that is known",
			       HM_FMT(s->predicate_type));
	/* BuildKit leaves the builder's name empty unless it is told one */
	if (!p.build_type.n)
		return hm_fail(cx, HM_INPUT, "the provenance names no build type");
	*out = p;
	return NULL;
}

/* --- summaries --- */

/* A member that may be missing or null, and is a text where it is there. */
static hm_err read_optional(struct hm_cx *cx, struct json object, const char *key,
			    struct hm_str *out)
{
	struct json v = json_get(object, key);
	if (json_is_there(v) && !json_is_null(v) && !json_is_string(v))
		return hm_fail(cx, HM_INPUT, "the summary's \"%s\" is not a text", key);
	*out = json_str(v);
	return NULL;
}

static hm_err read_levels(struct hm_cx *cx, struct json list, struct slsa_summary *v)
{
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "the summary has no list of levels");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "a level of the summary is not a text");
		*hm_push(cx, &v->levels) = json_str(it.value);
	}
	return NULL;
}

static hm_err read_policy(struct hm_cx *cx, struct json policy, struct slsa_summary *v)
{
	struct json digest = json_get(policy, "digest");
	if (!json_is_there(policy) || json_is_null(policy))
		return NULL;
	if (!json_is_object(policy) ||
	    (json_is_there(digest) && !json_is_null(digest) && !json_is_object(digest)))
		return hm_fail(cx, HM_INPUT, "the summary's policy or its digest is not an object");
	HM_TRY(read_optional(cx, policy, "uri", &v->policy));
	for (struct json_iter it = json_iter(digest); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT,
				       "a digest of the summary's policy is not a text");
		if (!v->policy_digest.alg.n)
			v->policy_digest = (struct statement_digest){ it.key, json_str(it.value) };
	}
	return NULL;
}

static hm_err read_time(struct hm_cx *cx, struct json predicate, struct slsa_summary *v)
{
	int64_t when;
	HM_TRY(read_optional(cx, predicate, "timeVerified", &v->verified));
	if (!json_is_string(json_get(predicate, "timeVerified")))
		return NULL;
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, v->verified, &when), "\"timeVerified\"");
	return NULL;
}

hm_err statement_summary_read(struct hm_cx *cx, const struct statement *s, struct slsa_summary *out)
{
	struct slsa_summary v = { 0 };
	struct json levels;
	struct hm_str result, version;
	if (!hm_eqz(s->predicate_type, SLSA_SUMMARY))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a verification summary that is known",
			       HM_FMT(s->predicate_type));
	HM_TRY_IN(cx, json_need_str(cx, json_get(s->predicate, "verifier"), "id", &v.verifier),
		  "the summary's verifier");
	HM_TRY(json_need_str(cx, s->predicate, "resourceUri", &v.resource));
	HM_TRY(json_need_str(cx, s->predicate, "verificationResult", &result));
	HM_TRY(json_need(cx, s->predicate, "verifiedLevels", &levels));
	if (!hm_eqz(result, "PASSED") && !hm_eqz(result, "FAILED"))
		return hm_fail(cx, HM_INPUT, "the summary's result is neither PASSED nor FAILED");
	if (!v.verifier.n)
		return hm_fail(cx, HM_INPUT, "the summary has no verifier");
	v.passed = hm_eqz(result, "PASSED");
	HM_TRY(read_levels(cx, levels, &v));
	HM_TRY(read_policy(cx, json_get(s->predicate, "policy"), &v));
	HM_TRY(read_time(cx, s->predicate, &v));
	HM_TRY(read_optional(cx, s->predicate, "slsaVersion", &version));
	*out = v;
	return NULL;
}

hm_err statement_summary_write(struct hm_cx *cx, const struct slsa_summary *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_open(&o, "verifier", '{');
	json_put_str(&o, "id", s->verifier);
	json_close(&o, '}');
	json_put_given(&o, "timeVerified", s->verified);
	json_put_str(&o, "resourceUri", s->resource);
	if (s->policy.n) {
		json_open(&o, "policy", '{');
		json_put_str(&o, "uri", s->policy);
		if (s->policy_digest.alg.n) {
			json_open(&o, "digest", '{');
			json_key(&o, s->policy_digest.alg);
			json_put_str(&o, NULL, s->policy_digest.value);
			json_close(&o, '}');
		}
		json_close(&o, '}');
	}
	json_putz(&o, "verificationResult", s->passed ? "PASSED" : "FAILED");
	json_put_strs(&o, "verifiedLevels", &s->levels);
	json_putz(&o, "slsaVersion", "1.1");
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the summary", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

/* "SLSA_BUILD_LEVEL_3": the track, and 3; false where it is no level of a track. */
static bool split_level(struct hm_str level, struct hm_str *out_track, uint64_t *out)
{
	static const struct hm_str mark = HM_STR_INIT("_LEVEL_");
	size_t at = hm_find(level, mark);
	if (!hm_starts(level, HM_STR("SLSA_")) || at == SIZE_MAX)
		return false;
	*out_track = hm_sub(level, 0, at);
	return hm_u64(hm_from(level, at + mark.n), 99, out);
}

bool statement_summary_reaches(const struct slsa_summary *s, struct hm_str level)
{
	struct hm_str track, other;
	uint64_t wanted = 0, has;
	bool is_slsa = split_level(level, &track, &wanted);
	for (size_t i = 0; i < s->levels.n; i++) {
		if (hm_eq(s->levels.p[i], level))
			return true;
		if (is_slsa && split_level(s->levels.p[i], &other, &has) && hm_eq(track, other) &&
		    has >= wanted)
			return true;
	}
	return false;
}
