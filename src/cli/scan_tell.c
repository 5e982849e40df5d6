/* SPDX-License-Identifier: Apache-2.0 */
/* The report of `scan`: as a table, as hullmark.scan/1, as SARIF. */
#include "cli/scan_tell.h"

/* What is known of its exploitation: "known", "known, ransomware", "94.4%". */
static struct hm_str exploited_text(struct hm_cx *cx, const struct advisory_exploitation *e)
{
	const char *known_as = e->ransomware ? "known, ransomware" : e->is_known ? "known" : "";
	if (!e->has_epss)
		return hm_cstr(e->is_known ? known_as : "-");
	return hm_fmt(cx, "%s%s%u.%u%%", known_as, e->is_known ? ", " : "", e->score / 10000,
		      e->score / 1000 % 10);
}

/* The document, rule or package that it follows from, and whose word that is. */
static struct hm_str by_text(struct hm_cx *cx, const struct advisory_assessment *a)
{
	if (!a->who.n)
		return a->source.n ? a->source : hm_cstr(a->assessor);
	return hm_fmt(cx, "%.*s (%.*s)", HM_FMT(a->source), HM_FMT(a->who));
}

static void write_suppressed(struct hm_cx *cx, const struct advisory_report *r,
			     const struct inventory *inv, struct hm_buf *out)
{
	static const char *const columns[] = { "SUPPRESSED", "ID", "PACKAGE", "INSTALLED",
					       "REASON",     "BY", "UNTIL" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	for (size_t i = 0; i < r->suppressed_n; i++) {
		const struct advisory_match *m = &r->suppressed[i];
		const struct inventory_component *c = &inv->components[m->component];
		*hm_push(cx, &t.cells) = hm_cstr(advisory_severity_names[m->severity]);
		*hm_push(cx, &t.cells) = m->id;
		*hm_push(cx, &t.cells) = inventory_component_name(cx, c);
		*hm_push(cx, &t.cells) = c->version;
		*hm_push(cx, &t.cells) = m->assessment.justification;
		*hm_push(cx, &t.cells) = by_text(cx, &m->assessment);
		*hm_push(cx, &t.cells) =
			m->assessment.until ? hm_rfc3339(cx, m->assessment.until) : HM_STR("-");
	}
	if (!r->suppressed_n)
		return;
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
}

/* What comes from git, a folder or a file is no package of the registry; it must not look checked.
 */
static void put_elsewhere(const struct inventory *inv, struct hm_buf *out)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->n; i++)
		n += inv->components[i].origin.n > 0;
	if (n)
		hm_buf_fmt(out, "%zu %s from elsewhere than %s registry, and %s not matched\n", n,
			   n == 1 ? "package comes" : "packages come", n == 1 ? "its" : "their",
			   n == 1 ? "is" : "are");
}

static void put_unapplied(const struct advisory_report *r, struct hm_buf *out)
{
	if (r->unapplied.n)
		hm_buf_fmt(out, "%zu %s of VEX documents or ignore files %s not applied\n",
			   r->unapplied.n, r->unapplied.n == 1 ? "entry" : "entries",
			   r->unapplied.n == 1 ? "was" : "were");
}

static hm_err write_table(struct hm_cx *cx, const struct advisory_report *r,
			  const struct inventory *inv, struct hm_buf *out)
{
	static const char *const columns[] = { "SEVERITY",  "ID",    "PACKAGE",
					       "INSTALLED", "FIXED", "PATH" };
	static const char *const with_exploited[] = { "SEVERITY",  "ID",    "PACKAGE",
						      "INSTALLED", "FIXED", "EXPLOITED",
						      "PATH" };
	bool exploited =
		r->db.catalogs[ADVISORY_KEV].date.n || r->db.catalogs[ADVISORY_EPSS].date.n;
	struct cli_table t = { .columns = exploited ? with_exploited : columns,
			       .columns_n = exploited ? HM_LEN(with_exploited) : HM_LEN(columns) };
	for (size_t i = 0; i < r->n; i++) {
		const struct advisory_match *m = &r->matches[i];
		const struct inventory_component *c = &inv->components[m->component];
		*hm_push(cx, &t.cells) = hm_cstr(advisory_severity_names[m->severity]);
		*hm_push(cx, &t.cells) = m->id;
		*hm_push(cx, &t.cells) =
			hm_fmt(cx, "%.*s%s", HM_FMT(inventory_component_name(cx, c)),
			       c->group_guessed ? " (group not certain)" : "");
		*hm_push(cx, &t.cells) = c->version;
		*hm_push(cx, &t.cells) =
			m->fixed.n ? advisory_versions_text(cx, &m->fixed) : HM_STR("-");
		if (exploited)
			*hm_push(cx, &t.cells) = exploited_text(cx, &m->exploitation);
		*hm_push(cx, &t.cells) = c->locations_n ? c->locations[0].path : HM_STR("");
	}
	if (r->n)
		cli_table_format(cx, &t, out);
	if (r->n)
		hm_buf_char(out, '\n');
	write_suppressed(cx, r, inv, out);
	cli_unknown_format(cx, inv, out);
	if (inv->unknown.n)
		hm_buf_char(out, '\n');
	hm_buf_fmt(out, "%zu %s in %zu packages: %.*s%.*s\n", r->n,
		   r->n == 1 ? "vulnerability" : "vulnerabilities", inv->n,
		   HM_FMT(advisory_counts_text(cx, r->counts)),
		   HM_FMT(advisory_rest_text(cx, r->suppressed_n, inv->unknown.n)));
	put_elsewhere(inv, out);
	put_unapplied(r, out);
	return NULL;
}

/* --- hullmark.scan/1 --- */

static void put_package(struct hm_cx *cx, struct json_out *o, const struct inventory_component *c)
{
	json_open(o, "package", '{');
	json_put_str(o, "name", inventory_component_name(cx, c));
	json_put_str(o, "version", c->version);
	json_put_str(o, "type", c->type);
	json_put_str(o, "purl", c->purl);
	if (c->group_guessed)
		json_put_bool(o, "groupGuessed", true);
	json_open(o, "source", '{');
	json_put_str(o, "name",
		     c->source_name.n ? c->source_name : inventory_component_name(cx, c));
	json_put_str(o, "version", c->source_version.n ? c->source_version : c->version);
	json_close(o, '}');
	json_close(o, '}');
}

static void put_exploitation(struct hm_cx *cx, struct json_out *o,
			     const struct advisory_exploitation *e)
{
	if (e->is_known) {
		json_open(o, "kev", '{');
		json_put_str(o, "added", hm_rfc3339(cx, e->added));
		json_put_bool(o, "ransomware", e->ransomware);
		json_close(o, '}');
	}
	if (e->has_epss) {
		json_open(o, "epss", '{');
		json_put_real(o, "score", e->score / 1e6);
		json_put_real(o, "percentile", e->percentile / 1e6);
		json_close(o, '}');
	}
}

static void put_match(struct hm_cx *cx, struct json_out *o, const struct advisory_match *m,
		      const struct inventory *inv)
{
	const struct inventory_component *c = &inv->components[m->component];
	json_open(o, NULL, '{');
	json_put_str(o, "id", m->id);
	json_put_strs(o, "aliases", &m->aliases);
	json_putz(o, "severity", advisory_severity_names[m->severity]);
	json_put_given(o, "severitySource", m->severity_source);
	json_put_given(o, "cvss", m->cvss);
	put_exploitation(cx, o, &m->exploitation);
	put_package(cx, o, c);
	json_put_strs(o, "fixed", &m->fixed);
	inventory_put_locations(o, c);
	json_put_given(o, "summary", m->summary);
	json_put_strs(o, "advisories", &m->advisories);
	json_put_strs(o, "references", &m->references);
	json_put_strs(o, "reasons", &m->reasons);
	if (m->assessment.status != ADVISORY_AFFECTED) {
		json_open(o, "suppression", '{');
		json_putz(o, "kind", m->assessment.assessor);
		json_put_str(o, m->assessment.assessor, m->assessment.source);
		json_put_given(o, "by", m->assessment.who);
		if (m->assessment.until)
			json_put_str(o, "until", hm_rfc3339(cx, m->assessment.until));
		json_put_str(o, "reason", m->assessment.justification);
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void put_matches(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct advisory_match *matches, size_t n, const struct inventory *inv)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < n; i++) {
		struct hm_mark mark = hm_mark(cx);
		put_match(cx, o, &matches[i], inv);
		hm_release(cx, mark);
	}
	json_close(o, ']');
}

static void put_target(struct json_out *o, const struct inventory *inv)
{
	json_open(o, "target", '{');
	json_put_str(o, "name", inv->target);
	json_put_given(o, "digest", inv->digest);
	json_put_given(o, "mediaType", inv->media_type);
	if (inv->distro.id.n) {
		json_open(o, "distribution", '{');
		json_put_str(o, "id", inv->distro.id);
		json_put_given(o, "version", inv->distro.version_id);
		json_close(o, '}');
	}
	json_put_int(o, "components", (int64_t)inv->n);
	json_close(o, '}');
}

static void describe_report(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct advisory_report *r = ((const struct cli_scan_report *)data)->report;
	const struct inventory *inv = ((const struct cli_scan_report *)data)->inv;
	put_target(o, inv);
	json_open(o, "database", '{');
	json_put_str(o, "digest", r->db.digest);
	json_put_str(o, "built", r->db.built);
	json_put_int(o, "advisories", (int64_t)r->db.advisories);
	json_put_given(o, "kev", r->db.catalogs[ADVISORY_KEV].date);
	json_put_given(o, "epss", r->db.catalogs[ADVISORY_EPSS].date);
	json_close(o, '}');
	advisory_put_counts(o, "counts", r->counts);
	json_open(o, "summary", '{');
	json_put_int(o, "matches", (int64_t)r->n);
	json_put_int(o, "suppressed", (int64_t)r->suppressed_n);
	json_put_int(o, "unknownContent", (int64_t)inv->unknown.n);
	json_close(o, '}');
	put_matches(cx, o, "matches", r->matches, r->n, inv);
	put_matches(cx, o, "suppressed", r->suppressed, r->suppressed_n, inv);
	inventory_put_unknown(o, "unknownContent", &inv->unknown);
	json_put_strs(o, "warnings", &r->warnings);
	json_put_strs(o, "notApplied", &r->unapplied);
}

static hm_err write_document(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	const struct cli_scan_report *a = data;
	if (format == CLI_AS_SARIF)
		return advisory_sarif_write(cx, a->report, a->inv, out);
	if (format == CLI_AS_COPA || format == CLI_AS_COPA_2)
		return advisory_copa_write(cx, a->report, a->inv, format == CLI_AS_COPA ? 1 : 2,
					   out);
	return write_table(cx, a->report, a->inv, out);
}

const struct cli_answer cli_scan_answer = {
	.schema = "hullmark.scan/1",
	.describe = describe_report,
	.write = write_document,
	.max = 16 * HM_MAX_JSON,
};
