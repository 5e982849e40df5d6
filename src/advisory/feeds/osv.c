/* SPDX-License-Identifier: Apache-2.0 */
/* OSV documents (ossf.github.io/osv-schema, 1.7) into records. */
#include "advisory/feeds/feeds.h"
#include "codec/json.h"

enum { SUMMARY_MAX = 240, REFERENCES_MAX = 3 };

static void read_strings(struct hm_cx *cx, struct json array, struct hm_strs *out)
{
	for (struct json_iter it = json_iter(array); json_next(&it);)
		if (json_str(it.value).n)
			*hm_push(cx, out) = json_str(it.value);
}

/* --- severity --- */

/* What stands behind a name that is spelt in several ways. */
static struct hm_str word_of(struct json object)
{
	static const char *const names[] = { "severity", "Severity", "urgency" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (json_is_string(json_get(object, names[i])))
			return json_str(json_get(object, names[i]));
	return (struct hm_str){ "", 0 };
}

static enum advisory_severity read_stated(struct json object)
{
	enum advisory_severity s = ADVISORY_UNKNOWN;
	(void)advisory_severity_parse(word_of(object), &s);
	return s;
}

/* Of "severity": the vector of the newest version of CVSS; and a distribution's own word. */
static void severity_list(struct json list, struct hm_str *cvss, enum advisory_severity *own)
{
	static const char *const types[] = { "", "CVSS_V2", "CVSS_V3", "CVSS_V4" };
	size_t best = 0;
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str type = json_str(json_get(it.value, "type"));
		struct hm_str score = json_str(json_get(it.value, "score"));
		unsigned tenths;
		for (size_t i = best + 1; i < HM_LEN(types); i++)
			if (hm_eqz(type, types[i]) && advisory_cvss_score(score, &tenths)) {
				*cvss = score;
				best = i;
			}
		if (!hm_starts(type, HM_STR("CVSS")) && *own == ADVISORY_UNKNOWN)
			(void)advisory_severity_parse(score, own);
	}
}

/* RubySec and RustSec keep scores and vectors in database_specific. */
static struct hm_str other_cvss(struct hm_cx *cx, struct json specific)
{
	static const char *const names[] = { "cvss_v4", "cvss_v3", "cvss_v2", "cvss" };
	for (size_t i = 0; i < HM_LEN(names); i++) {
		struct json v = json_get(specific, names[i]);
		struct hm_str text =
			json_is_number(v) ? hm_fmt(cx, "%.1f", json_real(v)) : json_str(v);
		unsigned tenths;
		if (text.n && advisory_cvss_score(text, &tenths))
			return text;
	}
	return (struct hm_str){ "", 0 };
}

/* Errata of Red Hat's kin carry their rating in front: "Important: podman security update". */
static enum advisory_severity read_rating(struct hm_str id, struct hm_str summary)
{
	enum advisory_severity s = ADVISORY_UNKNOWN;
	if (hm_find(id, HM_STR("SA-")) == 2) /* ALSA-, RLSA-, RHSA- */
		(void)advisory_severity_parse(hm_cut(&summary, ':'), &s);
	return s;
}

/* --- affected --- */

static bool read_event(struct json v, struct advisory_event *out)
{
	static const char *const names[ADVISORY_EVENT_KINDS] = { "introduced", "fixed",
								 "last_affected", "limit" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (json_str(json_get(v, names[i])).n) {
			*out = (struct advisory_event){ (enum advisory_event_kind)i,
							json_str(json_get(v, names[i])) };
			return true;
		}
	return false;
}

static void read_range(struct hm_cx *cx, struct json v, struct advisory_affected *a)
{
	struct json list = json_get(v, "events");
	struct hm_str type = json_str(json_get(v, "type"));
	if (!hm_eqz(type, "ECOSYSTEM") && !hm_eqz(type, "SEMVER"))
		return; /* GIT: commits are no versions */
	struct advisory_range r = { .events = hm_new(cx, struct advisory_event, json_size(list)) };
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (read_event(it.value, &r.events[r.n]))
			r.n++;
	if (r.n)
		a->ranges[a->ranges_n++] = r;
}

/* "nodejs:16" of "Moderate: nodejs:16 security update" */
static struct hm_str module_in(struct hm_str summary)
{
	hm_cut_str(&summary, HM_STR(": "));
	while (summary.n) {
		struct hm_str word = hm_cut(&summary, ' ');
		size_t colon = hm_find_char(word, ':');
		while (word.n && (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ':'))
			word.n--;
		if (colon != SIZE_MAX && colon > 0 && colon + 1 < word.n)
			return word;
	}
	return (struct hm_str){ "", 0 };
}

static struct hm_str module_of(struct json specific, const struct advisory_affected *a,
			       struct hm_str summary)
{
	struct hm_str stated_module = json_str(json_get(specific, "rpm_modularity"));
	if (stated_module.n)
		return stated_module;
	for (size_t i = 0; i < a->ranges_n; i++)
		for (size_t k = 0; k < a->ranges[i].n; k++)
			if (hm_find(a->ranges[i].events[k].version, HM_STR(".module")) != SIZE_MAX)
				return module_in(summary);
	return (struct hm_str){ "", 0 };
}

/* The version that has the fix, where exactly one has; else empty. */
static struct hm_str only_fix(const struct advisory_affected *a)
{
	struct hm_str fix = { "", 0 };
	size_t fixes = 0;
	for (size_t i = 0; i < a->ranges_n; i++)
		for (size_t k = 0; k < a->ranges[i].n; k++)
			if (a->ranges[i].events[k].kind == ADVISORY_FIXED && ++fixes)
				fix = a->ranges[i].events[k].version;
	return fixes == 1 ? fix : HM_STR("");
}

static bool cut_number(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_digit(s->p[n]))
		n++;
	*s = hm_from(*s, n);
	return n > 0;
}

/* "linux-image-5.15.0-25-generic", "linux-hwe-5.15-tools-5.15.0-33": kernels have hundreds with
 * each version, and they are in no image. Not "linux-libc-dev" or "linux-hwe-5.15-tools-common". */
static bool is_of_one_kernel(struct hm_str name)
{
	bool of_linux = hm_eqz(hm_cut(&name, '-'), "linux");
	while (of_linux && name.n) {
		struct hm_str part = hm_cut(&name, '-');
		size_t numbers = 0;
		while (cut_number(&part) && ++numbers < 3 && hm_starts(part, HM_STR(".")))
			part = hm_from(part, 1);
		if (numbers == 3)
			return true;
	}
	return false;
}

static void add_binary(struct advisory_affected *a, struct hm_str fix, struct hm_str name,
		       struct hm_str version)
{
	if (name.n && !is_of_one_kernel(name))
		a->binaries[a->binaries_n++] =
			(struct advisory_binary){ name, !fix.n || hm_eq(version, fix) ? HM_STR("")
										      : version };
}

/* Ubuntu's: [{"binary_name": NAME, "binary_version": VERSION}], before 2025 [{NAME: VERSION}] */
static void read_binaries(struct hm_cx *cx, struct json list, struct advisory_affected *a)
{
	size_t n = 0;
	struct hm_str fix = only_fix(a);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		n += json_size(it.value);
	a->binaries = hm_new(cx, struct advisory_binary, n);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str name = json_str(json_get(it.value, "binary_name"));
		if (name.n) {
			add_binary(a, fix, name, json_str(json_get(it.value, "binary_version")));
			continue;
		}
		for (struct json_iter in = json_iter(it.value); json_next(&in);)
			add_binary(a, fix, in.key, json_str(in.value));
	}
}

static void read_affected(struct hm_cx *cx, struct json v, struct advisory_record *r)
{
	struct json package = json_get(v, "package"), ranges = json_get(v, "ranges");
	struct json specific = json_get(v, "ecosystem_specific"),
		    own = json_get(v, "database_specific");
	struct advisory_affected a = { .ecosystem = json_str(json_get(package, "ecosystem")),
				       .name = json_str(json_get(package, "name")) };
	if (!a.ecosystem.n || !a.name.n)
		return; /* commits of a repository */
	a.severity = read_stated(specific);
	if (a.severity == ADVISORY_UNKNOWN)
		a.severity = read_stated(own);
	severity_list(json_get(v, "severity"), &a.cvss, &a.severity);
	if (!a.cvss.n)
		a.cvss = other_cvss(cx, own);
	a.ranges = hm_new(cx, struct advisory_range, json_size(ranges));
	for (struct json_iter it = json_iter(ranges); json_next(&it);)
		read_range(cx, it.value, &a);
	read_strings(cx, json_get(v, "versions"), &a.versions);
	a.module = module_of(specific, &a, r->summary);
	if (hm_starts(a.ecosystem, HM_STR("Ubuntu:")))
		read_binaries(cx, json_get(specific, "binaries"), &a);
	if (a.ranges_n || a.versions.n)
		r->affected[r->affected_n++] = a;
}

/* --- the document --- */

/* One line of text, cut at a character's border. */
static struct hm_str line_of(struct hm_cx *cx, struct hm_str text)
{
	struct hm_str line = { "", 0 };
	while (text.n && !line.n)
		line = hm_trim(hm_line(&text));
	if (line.n > SUMMARY_MAX) {
		line.n = SUMMARY_MAX;
		while (line.n && ((unsigned char)line.p[line.n] & 0xc0) == 0x80)
			line.n--;
		return hm_fmt(cx, "%.*s...", HM_FMT(line));
	}
	return line;
}

static void read_references(struct hm_cx *cx, struct json list, struct hm_strs *out)
{
	for (int advisories = 1; advisories >= 0; advisories--)
		for (struct json_iter it = json_iter(list);
		     json_next(&it) && out->n < REFERENCES_MAX;)
			if (hm_eqz(json_str(json_get(it.value, "type")), "ADVISORY") ==
				    advisories &&
			    json_str(json_get(it.value, "url")).n)
				*hm_push(cx, out) = json_str(json_get(it.value, "url"));
}

static bool names_cve(const struct hm_strs *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		if (advisory_cve_of(ids->p[i]).n)
			return true;
	return false;
}

/* Errata of Red Hat's kin for bugs and enhancements (ALBA-, ALEA-) that name no CVE. */
static bool is_no_vulnerability(const struct advisory_record *r)
{
	size_t bugs = hm_find(r->id, HM_STR("BA-")), enhancements = hm_find(r->id, HM_STR("EA-"));
	return (bugs == 2 || enhancements == 2) && !names_cve(&r->aliases) &&
	       !names_cve(&r->upstream) && !names_cve(&r->related);
}

/* Which of two documents of one id is newer depends on it, nothing else: one that cannot be read
 * makes the document old, and does not lose it. */
static int64_t read_modified(struct hm_cx *cx, struct json doc)
{
	int64_t when = 0;
	hm_err err = hm_rfc3339_parse(cx, json_str(json_get(doc, "modified")), &when);
	return err ? INT64_MIN : when;
}

static hm_err read_head(struct hm_cx *cx, struct json doc, struct advisory_record *r)
{
	struct json specific = json_get(doc, "database_specific");
	HM_TRY(json_need_str(cx, doc, "id", &r->id));
	if (!r->id.n || r->id.n > 256)
		return hm_fail(cx, HM_INPUT, "\"id\" has %zu bytes", r->id.n);
	r->modified = read_modified(cx, doc);
	r->summary = line_of(cx, json_str(json_get(doc, "summary")));
	if (!r->summary.n)
		r->summary = line_of(cx, json_str(json_get(doc, "details")));
	r->severity = read_stated(specific);
	if (r->severity == ADVISORY_UNKNOWN)
		r->severity = read_rating(r->id, r->summary);
	severity_list(json_get(doc, "severity"), &r->cvss, &r->severity);
	if (!r->cvss.n)
		r->cvss = other_cvss(cx, specific);
	read_strings(cx, json_get(doc, "aliases"), &r->aliases);
	read_strings(cx, json_get(doc, "upstream"), &r->upstream);
	read_strings(cx, json_get(doc, "related"), &r->related);
	read_references(cx, json_get(doc, "references"), &r->references);
	return NULL;
}

hm_err advisory_osv_parse(struct hm_cx *cx, struct hm_str text, struct advisory_record *out,
			  bool *out_keep)
{
	struct json doc;
	struct advisory_record r = { 0 };
	if (text.n > HM_MAX_ADVISORY)
		return hm_fail(cx, HM_LIMIT, "an advisory of %zu bytes", text.n);
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	if (!json_is_object(doc))
		return hm_fail(cx, HM_INPUT, "not an OSV document");
	HM_TRY(read_head(cx, doc, &r));
	struct json list = json_get(doc, "affected");
	r.affected = hm_new(cx, struct advisory_affected, json_size(list));
	for (struct json_iter it = json_iter(list); json_next(&it);)
		read_affected(cx, it.value, &r);
	*out_keep = !json_str(json_get(doc, "withdrawn")).n && !is_no_vulnerability(&r);
	*out = r;
	return NULL;
}

static hm_err read_advisory(struct hm_cx *cx, struct hm_str text, enum advisory_said *out_said,
			    struct hm_buf *out)
{
	struct advisory_enc e = { .to = out };
	struct advisory_record r;
	bool keep;
	HM_TRY(advisory_osv_parse(cx, text, &r, &keep));
	if (keep)
		advisory_put_record(&e, &r);
	else
		advisory_put_head(&e, &r);
	*out_said = keep ? ADVISORY_SAID_RECORD : ADVISORY_SAID_DROPPED;
	return NULL;
}

const struct advisory_feed advisory_feed_osv = {
	.name = "OSV",
	.ending = ".zip",
	.base = "https://osv-vulnerabilities.storage.googleapis.com",
	.read_document = read_advisory,
};
