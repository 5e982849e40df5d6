/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS) in the shape that other scanners of images give it: one rule a
 * vulnerability, whose tags and help text state the severity, one result a match. Admission
 * controllers read the severity from there.
 */
#include "advisory/advisory.h"
#include "advisory/record.h"
#include "codec/json.h"

struct level {
	const char *upper, *level, *score; /* the score where no vector is known */
};

static const struct level levels[ADVISORY_SEVERITIES] = {
	{ "UNKNOWN", "note", "0.0" },   { "LOW", "note", "2.0" },
	{ "MEDIUM", "warning", "5.5" }, { "HIGH", "error", "8.0" },
	{ "CRITICAL", "error", "9.5" },
};

struct sarif {
	struct hm_cx *cx;
	const struct advisory_report *r;
	const struct inventory *inv;
	struct json_out o;
	struct hm_map rules; /* id to index + 1 */
};

static const char *rule_name(const struct inventory_component *c)
{
	return inventory_type_has(c->type, INVENTORY_OS) ? "OsPackageVulnerability"
							 : "LanguageSpecificPackageVulnerability";
}

static void put_text(struct json_out *o, const char *key, struct hm_str words)
{
	json_open(o, key, '{');
	json_put_str(o, "text", words);
	json_close(o, '}');
}

static struct hm_str link_of(struct hm_cx *cx, const struct advisory_match *m)
{
	if (m->references.n)
		return m->references.p[0];
	if (hm_starts(m->id, HM_STR("CVE-")))
		return hm_fmt(cx, "https://nvd.nist.gov/vuln/detail/%.*s", HM_FMT(m->id));
	return (struct hm_str){ "", 0 };
}

static struct hm_str score_of(struct hm_cx *cx, const struct advisory_match *m)
{
	unsigned tenths;
	if (m->cvss.n && advisory_cvss_score(m->cvss, &tenths) &&
	    advisory_severity_of_cvss(m->cvss) == m->severity)
		return hm_fmt(cx, "%u.%u", tenths / 10, tenths % 10);
	return hm_cstr(levels[m->severity].score);
}

static void put_help(struct sarif *s, const struct advisory_match *m, struct hm_str package)
{
	struct hm_cx *cx = s->cx;
	const char *upper = levels[m->severity].upper;
	struct hm_str fixed = advisory_versions_text(cx, &m->fixed), link = link_of(cx, m);
	json_open(&s->o, "help", '{');
	json_put_str(
		&s->o, "text",
		hm_fmt(cx,
		       "Vulnerability %.*s\nSeverity: %s\nPackage: %.*s\nFixed Version: %.*s\nLink: %.*s\n%.*s",
		       HM_FMT(m->id), upper, HM_FMT(package), HM_FMT(fixed), HM_FMT(link),
		       HM_FMT(m->summary)));
	json_put_str(
		&s->o, "markdown",
		hm_fmt(cx,
		       "**Vulnerability %.*s**\n| Severity | Package | Fixed Version | Link |\n"
		       "| --- | --- | --- | --- |\n|%s|%.*s|%.*s|[%.*s](%.*s)|\n\n%.*s",
		       HM_FMT(m->id), upper, HM_FMT(package), HM_FMT(fixed), HM_FMT(m->id),
		       HM_FMT(link), HM_FMT(m->summary)));
	json_close(&s->o, '}');
}

static void put_rule(struct sarif *s, const struct advisory_match *m)
{
	const struct inventory_component *c = &s->inv->components[m->component];
	struct hm_str words = m->summary.n ? m->summary : m->id, link = link_of(s->cx, m);
	json_open(&s->o, NULL, '{');
	json_put_str(&s->o, "id", m->id);
	json_putz(&s->o, "name", rule_name(c));
	put_text(&s->o, "shortDescription", words);
	put_text(&s->o, "fullDescription", words);
	json_open(&s->o, "defaultConfiguration", '{');
	json_putz(&s->o, "level", levels[m->severity].level);
	json_close(&s->o, '}');
	json_put_given(&s->o, "helpUri", link);
	put_help(s, m, inventory_component_name(s->cx, c));
	json_open(&s->o, "properties", '{');
	json_putz(&s->o, "precision", "very-high");
	json_put_str(&s->o, "security-severity", score_of(s->cx, m));
	json_open(&s->o, "tags", '[');
	json_putz(&s->o, NULL, "vulnerability");
	json_putz(&s->o, NULL, "security");
	json_putz(&s->o, NULL, levels[m->severity].upper);
	json_close(&s->o, ']');
	json_close(&s->o, '}');
	json_close(&s->o, '}');
}

/* The matches, then the suppressed ones: number `i` of both. */
static const struct advisory_match *match_at(const struct sarif *s, size_t i)
{
	return i < s->r->n ? &s->r->matches[i] : &s->r->suppressed[i - s->r->n];
}

/* The worst match of an id comes first, and makes its rule. */
static void put_rules(struct sarif *s)
{
	json_open(&s->o, "rules", '[');
	for (size_t i = 0; i < s->r->n + s->r->suppressed_n; i++) {
		void **slot = hm_map_slot(s->cx, &s->rules, match_at(s, i)->id);
		if (*slot)
			continue;
		*slot = (void *)(uintptr_t)s->rules.n;
		put_rule(s, match_at(s, i));
	}
	json_close(&s->o, ']');
}

/* A path as a relative reference (RFC 3986, 4.2). */
static struct hm_str uri_of(struct hm_cx *cx, struct hm_str path)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MAX_PATH);
	while (path.n && *path.p == '/')
		path = hm_from(path, 1);
	bool first = true; /* a colon in the first part would make it a scheme */
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		first = first && c != '/';
		if (hm_is_alpha(c) || hm_is_digit(c) || hm_is_one_of(c, "-._~/!$&'()*+,;=@") ||
		    (c == ':' && !first))
			hm_buf_char(&b, c);
		else
			hm_buf_fmt(&b, "%%%02X", (unsigned)(unsigned char)c);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static void put_location(struct sarif *s, struct hm_str path, struct hm_str words)
{
	json_open(&s->o, NULL, '{');
	json_open(&s->o, "physicalLocation", '{');
	json_open(&s->o, "artifactLocation", '{');
	json_put_str(&s->o, "uri", uri_of(s->cx, path));
	json_putz(&s->o, "uriBaseId", "ROOTPATH");
	json_close(&s->o, '}');
	json_open(&s->o, "region", '{');
	json_put_int(&s->o, "startLine", 1);
	json_put_int(&s->o, "startColumn", 1);
	json_put_int(&s->o, "endLine", 1);
	json_put_int(&s->o, "endColumn", 1);
	json_close(&s->o, '}');
	json_close(&s->o, '}');
	put_text(&s->o, "message", words);
	json_close(&s->o, '}');
}

/* 3.35 */
static void put_suppressions(struct sarif *s, const struct advisory_assessment *a)
{
	json_open(&s->o, "suppressions", '[');
	json_open(&s->o, NULL, '{');
	json_putz(&s->o, "kind", "external");
	json_putz(&s->o, "status", "accepted");
	json_put_str(&s->o, "justification", a->justification);
	if (a->assessor) {
		json_open(&s->o, "properties", '{');
		json_putz(&s->o, "kind", a->assessor);
		json_put_str(&s->o, "source", a->source);
		json_put_given(&s->o, "by", a->who);
		if (a->until)
			json_put_str(&s->o, "until", hm_rfc3339(s->cx, a->until));
		json_close(&s->o, '}');
	}
	json_close(&s->o, '}');
	json_close(&s->o, ']');
}

static void put_result(struct sarif *s, const struct advisory_match *m)
{
	const struct inventory_component *c = &s->inv->components[m->component];
	struct hm_cx *cx = s->cx;
	struct hm_str name = inventory_component_name(cx, c), link = link_of(cx, m);
	struct hm_str where = hm_fmt(cx, "%.*s%s%.*s@%.*s", HM_FMT(s->inv->name),
				     s->inv->name.n ? ": " : "", HM_FMT(name), HM_FMT(c->version));
	json_open(&s->o, NULL, '{');
	json_put_str(&s->o, "ruleId", m->id);
	json_put_int(&s->o, "ruleIndex", (int64_t)(uintptr_t)hm_map_get(&s->rules, m->id) - 1);
	json_putz(&s->o, "level", levels[m->severity].level);
	put_text(
		&s->o, "message",
		hm_fmt(cx,
		       "Package: %.*s%s\nInstalled Version: %.*s\nVulnerability %.*s\nSeverity: %s\n"
		       "Fixed Version: %.*s\nLink: [%.*s](%.*s)",
		       HM_FMT(name), c->group_guessed ? " (group not certain)" : "",
		       HM_FMT(c->version), HM_FMT(m->id), levels[m->severity].upper,
		       HM_FMT(advisory_versions_text(cx, &m->fixed)), HM_FMT(m->id), HM_FMT(link)));
	json_open(&s->o, "locations", '[');
	for (size_t i = 0; i < c->locations_n; i++)
		put_location(s, c->locations[i].path, where);
	if (!c->locations_n)
		put_location(s, s->inv->name.n ? s->inv->name : HM_STR("."), where);
	json_close(&s->o, ']');
	if (m->assessment.status != ADVISORY_AFFECTED)
		put_suppressions(s, &m->assessment);
	json_open(&s->o, "properties", '{');
	json_putz(&s->o, "severity", advisory_severity_names[m->severity]);
	json_put_str(&s->o, "severitySource", m->severity_source);
	if (m->exploitation.is_known)
		json_put_str(&s->o, "kevAdded", hm_rfc3339(cx, m->exploitation.added));
	if (m->exploitation.has_epss)
		json_put_real(&s->o, "epss", m->exploitation.score / 1e6);
	json_put_str(&s->o, "purl", c->purl);
	json_put_str(&s->o, "installedVersion", c->version);
	if (c->group_guessed)
		json_put_bool(&s->o, "groupGuessed", true);
	json_put_strs(&s->o, "fixedVersions", &m->fixed);
	json_put_strs(&s->o, "aliases", &m->aliases);
	json_put_strs(&s->o, "reasons", &m->reasons);
	json_close(&s->o, '}');
	json_close(&s->o, '}');
}

static void put_driver(struct sarif *s)
{
	json_open(&s->o, "tool", '{');
	json_open(&s->o, "driver", '{');
	json_putz(&s->o, "name", "hullmark");
	json_putz(&s->o, "fullName", "Hullmark vulnerability scanner");
	json_putz(&s->o, "version", HULLMARK_VERSION);
	put_rules(s);
	json_close(&s->o, '}');
	json_close(&s->o, '}');
}

/* Unknown content: conditions that the scanner met (3.20.21, 3.58). */
static void put_invocations(struct sarif *s)
{
	if (!s->inv->unknown.n)
		return;
	json_open(&s->o, "invocations", '[');
	json_open(&s->o, NULL, '{');
	json_put_bool(&s->o, "executionSuccessful", true);
	json_open(&s->o, "toolExecutionNotifications", '[');
	for (size_t i = 0; i < s->inv->unknown.n; i++) {
		const struct inventory_unknown *u = &s->inv->unknown.p[i];
		struct hm_str words = inventory_unknown_text(s->cx, u);
		json_open(&s->o, NULL, '{');
		json_open(&s->o, "descriptor", '{');
		json_putz(&s->o, "id", "unknown-content");
		json_close(&s->o, '}');
		json_putz(&s->o, "level", "warning");
		put_text(&s->o, "message", words);
		if (u->path.n) {
			json_open(&s->o, "locations", '[');
			put_location(s, u->path, words);
			json_close(&s->o, ']');
		}
		json_close(&s->o, '}');
	}
	json_close(&s->o, ']');
	json_close(&s->o, '}');
	json_close(&s->o, ']');
}

static void put_properties(struct sarif *s)
{
	json_open(&s->o, "properties", '{');
	json_put_str(&s->o, "imageName", s->inv->target);
	json_put_given(&s->o, "imageDigest", s->inv->digest);
	json_put_str(&s->o, "databaseDigest", s->r->db.digest);
	json_put_str(&s->o, "databaseBuilt", s->r->db.built);
	advisory_put_counts(&s->o, "counts", s->r->counts);
	json_put_int(&s->o, "suppressed", (int64_t)s->r->suppressed_n);
	json_put_int(&s->o, "unknownContent", (int64_t)s->inv->unknown.n);
	json_put_strs(&s->o, "warnings", &s->r->warnings);
	if (s->r->unapplied.n)
		json_put_strs(&s->o, "notApplied", &s->r->unapplied);
	json_close(&s->o, '}');
}

hm_err advisory_sarif_write(struct hm_cx *cx, const struct advisory_report *r,
			    const struct inventory *inv, struct hm_buf *out)
{
	struct sarif s = { .cx = cx, .r = r, .inv = inv, .o = json_out(out, true) };
	struct hm_str whole;
	json_open(&s.o, NULL, '{');
	json_putz(&s.o, "version", "2.1.0");
	json_putz(&s.o, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_open(&s.o, "runs", '[');
	json_open(&s.o, NULL, '{');
	put_driver(&s);
	put_invocations(&s);
	json_open(&s.o, "results", '[');
	for (size_t i = 0; i < r->n + r->suppressed_n; i++) {
		struct hm_mark mark = hm_mark(cx);
		put_result(&s, match_at(&s, i));
		hm_release(cx, mark);
	}
	json_close(&s.o, ']');
	json_putz(&s.o, "columnKind", "utf16CodeUnits");
	json_open(&s.o, "originalUriBaseIds", '{');
	json_open(&s.o, "ROOTPATH", '{');
	json_putz(&s.o, "uri", "file:///");
	json_close(&s.o, '}');
	json_close(&s.o, '}');
	put_properties(&s);
	json_close(&s.o, '}');
	json_close(&s.o, ']');
	json_close(&s.o, '}');
	hm_buf_char(out, '\n');
	return hm_buf_end(cx, out, "the report", &whole);
}
