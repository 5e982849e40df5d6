/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in which users of other scanners have decided what to ignore, read as they are: Trivy's
 * .trivyignore (lines) and .trivyignore.yaml, and "ignore" of Grype's .grype.yaml. A rule is only
 * applied where all that it asks is known: one that is understood by half would hide too much.
 */
#include "advisory/ignore.h"

#include "advisory/assess.h"

#include "advisory/glob.h"
#include "codec/yaml.h"

static hm_err add_rule(struct hm_cx *cx, struct advisory_ignores *all, struct ignore_rule *r)
{
	bool asks = r->id.n || r->purls.n || r->paths.n || r->name.text.n || r->version.n ||
		    r->type.n || r->source_name.text.n || r->language.n || r->fix != IGNORE_ANY_FIX;
	if (all->rules.n >= HM_MAX_IGNORE_RULES)
		return hm_fail(cx, HM_LIMIT, "more than %zu rules", (size_t)HM_MAX_IGNORE_RULES);
	if (!asks && !r->unusable)
		r->unusable = "it asks for nothing, and would ignore everything";
	*hm_push(cx, &all->rules) = *r;
	return NULL;
}

/* "2026-12-31" is its first second, as Trivy has it. */
static hm_err read_date(struct hm_cx *cx, struct hm_str text, int64_t *out)
{
	struct hm_str whole = text.n == 10 ? hm_fmt(cx, "%.*sT00:00:00Z", HM_FMT(text)) : text;
	if (hm_rfc3339_parse(cx, whole, out))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a date like 2026-12-31",
			       HM_FMT(text));
	return NULL;
}

/* --- lines --- */

static hm_err read_line(struct hm_cx *cx, struct hm_str line, struct ignore_rule *r)
{
	r->id = hm_cut(&line, ' ');
	for (line = hm_trim(line); line.n; line = hm_trim(line)) {
		struct hm_str word = hm_cut(&line, ' ');
		if (!hm_starts(word, HM_STR("exp:")))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not \"exp:2026-12-31\"",
				       HM_FMT(word));
		HM_TRY(read_date(cx, hm_from(word, 4), &r->until));
	}
	return NULL;
}

static hm_err read_lines(struct hm_cx *cx, struct hm_str file, struct hm_str text,
			 struct advisory_ignores *all)
{
	size_t n = 0;
	while (text.n) {
		struct hm_str line = hm_line(&text), comment = line;
		struct ignore_rule r = { .source =
						 hm_fmt(cx, "%.*s: line %zu", HM_FMT(file), ++n) };
		line = hm_trim(hm_cut(&comment, '#'));
		if (!line.n)
			continue;
		HM_TRY_IN(cx, read_line(cx, line, &r), "line %zu", n);
		HM_TRY(add_rule(cx, all, &r));
	}
	return NULL;
}

/* --- Trivy's YAML --- */

static void read_paths(struct hm_cx *cx, struct json list, struct ignore_rule *r)
{
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str pattern = json_str(it.value);
		if (!pattern.n || !advisory_glob_is_plain(pattern))
			r->unusable = "it has a pattern of another kind than *, ** and ?";
		*hm_push(cx, &r->paths) = pattern;
	}
}

static void read_purls(struct hm_cx *cx, struct json list, struct ignore_rule *r)
{
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct vex_purl p;
		if (advisory_vex_purl(cx, json_str(it.value), &p))
			*hm_push(cx, &r->purls) = p;
		else
			r->unusable = "one of its purls cannot be read";
	}
}

static const char *const trivy_keys[] = { "id", "paths", "purls", "expired_at", "statement", NULL };

static hm_err read_trivy(struct hm_cx *cx, struct hm_str file, struct json doc,
			 struct advisory_ignores *all)
{
	size_t n = 0;
	for (struct json_iter it = json_iter(json_get(doc, "vulnerabilities")); json_next(&it);) {
		struct ignore_rule r = {
			.id = json_str(json_get(it.value, "id")),
			.why = json_str(json_get(it.value, "statement")),
			.source = hm_fmt(cx, "%.*s: vulnerability %zu", HM_FMT(file), ++n),
		};
		struct hm_str end = json_str(json_get(it.value, "expired_at"));
		HM_TRY_IN(cx, json_only(cx, it.value, trivy_keys), "vulnerability %zu", n);
		if (json_is_there(json_get(it.value, "expired_at")))
			HM_TRY_IN(cx, read_date(cx, end, &r.until), "vulnerability %zu", n);
		read_paths(cx, json_get(it.value, "paths"), &r);
		read_purls(cx, json_get(it.value, "purls"), &r);
		if (!r.id.n)
			r.unusable = "it has no \"id\"";
		HM_TRY(add_rule(cx, all, &r));
	}
	return NULL;
}

/* --- Grype's --- */

/* Grype takes every name as an expression. What only looks like one ("libstdc++6") is a name. */
static void read_name(struct hm_cx *cx, struct json from, struct ignore_name *out,
		      struct ignore_rule *r)
{
	bool may_be = false, must_be = false;
	out->text = json_str(from);
	for (size_t i = 0; i < out->text.n; i++) {
		must_be = must_be || hm_is_one_of(out->text.p[i], "*?[](){}|^$\\");
		may_be = may_be || must_be || hm_is_one_of(out->text.p[i], ".+");
	}
	if (may_be && regexp_parse(cx, out->text, &out->pattern) && must_be)
		r->unusable = "its package name cannot be read as a regular expression";
}

static void read_fix_state(struct hm_str word, struct ignore_rule *r)
{
	if (hm_eqz(word, "fixed"))
		r->fix = IGNORE_FIXED;
	else if (hm_eqz(word, "not-fixed") || hm_eqz(word, "unknown"))
		r->fix = IGNORE_NOT_FIXED;
	else if (word.n)
		r->unusable = "its fix-state is not known here";
}

/* A member that means something, and is not among those that are read. */
static bool has_other(struct json object, const char *const *known)
{
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		size_t i = 0;
		while (known[i] && !hm_eqz(it.key, known[i]))
			i++;
		if (!known[i] && !json_is_null(it.value) &&
		    !(json_is_string(it.value) && !json_str(it.value).n))
			return true;
	}
	return false;
}

static const struct {
	const char *type, *language, *purl;
} grype_types[] = {
	{ "python", "python", "pypi" },
	{ "npm", "javascript", "npm" },
	{ "java-archive", "java", "maven" },
	{ "go-module", "go", "golang" },
	{ "gem", "ruby", "gem" },
	{ "rust-crate", "rust", "cargo" },
	{ "dotnet", "dotnet", "nuget" },
	{ "php-composer", "php", "composer" },
	{ "dart-pub", "dart", "pub" },
	{ "hex", "elixir", "hex" },
	{ "swift", "swift", "swift" },
};

static void read_grype_package(struct hm_cx *cx, struct json p, struct ignore_rule *r)
{
	static const char *const known[] = { "name",     "version",       "type", "location",
					     "language", "upstream-name", NULL };
	struct hm_str location = json_str(json_get(p, "location"));
	struct hm_str language = json_str(json_get(p, "language"));
	read_name(cx, json_get(p, "name"), &r->name, r);
	read_name(cx, json_get(p, "upstream-name"), &r->source_name, r);
	r->version = json_str(json_get(p, "version"));
	r->type = json_str(json_get(p, "type"));
	for (size_t i = 0; i < HM_LEN(grype_types); i++) {
		if (hm_eqz(r->type, grype_types[i].type))
			r->type = hm_cstr(grype_types[i].purl);
		if (hm_eqz(language, grype_types[i].language))
			r->language = hm_cstr(grype_types[i].purl);
	}
	if (language.n && !r->language.n)
		r->unusable = "its language is not known here";
	if (location.n && !advisory_glob_is_plain(location))
		r->unusable = "it has a pattern of another kind than *, ** and ?";
	if (location.n)
		*hm_push(cx, &r->paths) = location;
	if (has_other(p, known))
		r->unusable = "it asks more of the package than what is known here";
}

static hm_err read_grype(struct hm_cx *cx, struct hm_str file, struct json doc,
			 struct advisory_ignores *all)
{
	static const char *const known[] = { "vulnerability", "include-aliases", "reason",
					     "fix-state",     "package",         NULL };
	size_t n = 0;
	for (struct json_iter it = json_iter(json_get(doc, "ignore")); json_next(&it);) {
		struct ignore_rule r = {
			.id = json_str(json_get(it.value, "vulnerability")),
			.why = json_str(json_get(it.value, "reason")),
			.source = hm_fmt(cx, "%.*s: ignore %zu", HM_FMT(file), ++n),
		};
		read_fix_state(json_str(json_get(it.value, "fix-state")), &r);
		read_grype_package(cx, json_get(it.value, "package"), &r);
		if (!json_is_object(it.value) || has_other(it.value, known))
			r.unusable = "it asks for what is not known here";
		HM_TRY(add_rule(cx, all, &r));
	}
	return NULL;
}

hm_err advisory_ignores_read(struct hm_cx *cx, struct hm_str file, struct hm_str bytes,
			     struct advisory_told *told)
{
	struct json doc = { 0 };
	struct hm_str name = hm_dup(cx, file);
	if (!told->ignores)
		told->ignores = hm_new(cx, struct advisory_ignores, 1);
	if (bytes.n > HM_MAX_TOML)
		return hm_fail(cx, HM_LIMIT, "a file of %zu bytes", bytes.n);
	bytes = hm_dup(cx, bytes);
	bool is_yaml = hm_ends(file, HM_STR(".yaml")) || hm_ends(file, HM_STR(".yml"));
	if (!is_yaml)
		return read_lines(cx, name, bytes, told->ignores);
	HM_TRY(yaml_parse(cx, bytes, &doc));
	HM_TRY(json_refuse_nul(cx, doc));
	if (json_is_array(json_get(doc, "ignore")))
		return read_grype(cx, name, doc, told->ignores);
	if (json_is_object(doc) && !json_is_there(json_get(doc, "ignore")))
		return read_trivy(cx, name, doc, told->ignores);
	return hm_fail(cx, HM_INPUT,
		       "it has neither \"vulnerabilities\", as .trivyignore.yaml, nor a list "
		       "\"ignore\", as .grype.yaml");
}

void advisory_ignores_unapplied(struct hm_cx *cx, const struct advisory_told *told,
				struct hm_strs *out)
{
	for (size_t i = 0; told && told->ignores && i < told->ignores->rules.n; i++) {
		const struct ignore_rule *r = &told->ignores->rules.p[i];
		if (r->unusable)
			*hm_push(cx, out) = hm_fmt(cx, "%.*s: %s", HM_FMT(r->source), r->unusable);
		else if (r->until && r->until <= told->now)
			*hm_push(cx, out) = hm_fmt(cx, "%.*s: it ended at %.*s", HM_FMT(r->source),
						   HM_FMT(hm_rfc3339(cx, r->until)));
	}
}
