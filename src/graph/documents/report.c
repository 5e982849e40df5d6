/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of scanners (Trivy's and Grype's JSON, SARIF): what they found is read by a room above.
 */
#include "graph/documents/documents.h"

/* By their own marks; whoever reads them looks closer. */
bool graph_is_report(struct json doc)
{
	bool is_trivy = json_is_number(json_get(doc, "SchemaVersion")) &&
			(json_is_there(json_get(doc, "ArtifactName")) ||
			 json_is_there(json_get(doc, "Results")));
	bool is_grype = json_is_there(json_get(doc, "matches")) &&
			hm_eqz(graph_text(json_get(doc, "descriptor"), "name"), "grype");
	return is_trivy || is_grype || json_is_array(json_get(doc, "runs"));
}

/* Of what the report is: an image by its digest, where it says one. */
struct about {
	struct hm_str name, digest;
	struct graph_scan scan;
};

/* "registry/repo@sha256:..." */
static struct hm_str digest_in(struct hm_str reference)
{
	hm_cut(&reference, '@');
	return hm_starts(reference, HM_STR("sha256:")) ? reference : HM_STR("");
}

static void read_trivy(struct json doc, struct about *a)
{
	struct json meta = json_get(doc, "Metadata");
	a->name = graph_text(doc, "ArtifactName");
	a->digest = digest_in(json_str(json_at(json_get(meta, "RepoDigests"), 0)));
	a->scan.scanner_uri = HM_STR("https://github.com/aquasecurity/trivy");
	a->scan.scanner_version = graph_text(json_get(doc, "Trivy"), "Version");
	a->scan.time = graph_text(doc, "CreatedAt");
}

static void read_grype(struct json doc, struct about *a)
{
	struct json target = json_get(json_get(doc, "source"), "target");
	struct json tool = json_get(doc, "descriptor"), db = json_get(tool, "db");
	a->name = json_is_string(target) ? json_str(target) : graph_text(target, "userInput");
	a->digest = graph_text(target, "manifestDigest");
	a->scan.scanner_uri = HM_STR("https://github.com/anchore/grype");
	a->scan.scanner_version = graph_text(tool, "version");
	a->scan.time = graph_text(tool, "timestamp");
	a->scan.db_version = graph_text(db, "built");
}

static void read_sarif(struct json doc, struct about *a)
{
	struct json run = json_at(json_get(doc, "runs"), 0);
	struct json driver = json_get(json_get(run, "tool"), "driver");
	struct json own = json_get(run, "properties");
	a->name = graph_text(own, "imageName");
	a->digest = graph_text(own, "imageDigest");
	if (!a->digest.n)
		a->digest = digest_in(json_str(json_at(json_get(own, "repoDigests"), 0)));
	a->scan.scanner_uri = graph_text(driver, "informationUri").n
				      ? graph_text(driver, "informationUri")
				      : graph_text(driver, "name");
	a->scan.scanner_version = graph_text(driver, "version");
	a->scan.time = graph_text(json_at(json_get(run, "invocations"), 0), "endTimeUtc");
}

static graph_ref package_of(struct hm_cx *cx, struct graph_doc *d, const struct graph_finding *w)
{
	graph_ref ref = w->purl.n ? graph_doc_package(cx, d, w->purl) : 0;
	if (ref)
		return ref;
	struct hm_str version = graph_purl_part(cx, w->installed, false);
	if (w->type.n)
		ref = graph_doc_package(cx, d,
					hm_fmt(cx, "pkg:%.*s/%.*s%s%.*s", HM_FMT(w->type),
					       HM_FMT(graph_purl_part(cx, w->name, true)),
					       version.n ? "@" : "", HM_FMT(version)));
	return ref ? ref : graph_doc_package(cx, d, graph_purl_of_name(cx, w->name, w->installed));
}

/* The image as GUAC calls one that an SBOM is about, which is its digest. */
static graph_ref image_of(struct hm_cx *cx, struct graph_doc *d, const struct about *a)
{
	struct hm_str name = a->name.n ? a->name : HM_STR("image");
	struct graph_entity e = { 0 };
	hm_cut(&name, '@');
	name = a->name.n ? hm_sub(a->name, 0, a->name.n - name.n - (name.n != 0)) : HM_STR("image");
	graph_ref artifact = graph_doc_digest(cx, d, a->digest);
	if (!artifact)
		return 0;
	e.is = graph_doc_package(cx, d,
				 hm_fmt(cx, "pkg:guac/cdx/%.*s@%.*s",
					HM_FMT(graph_purl_part(cx, name, true)),
					HM_FMT(a->digest)));
	*hm_push(cx, &e.artifacts) = artifact;
	graph_say_occurrence(cx, d, &e, "what a scanner's report is about");
	return e.is;
}

hm_err graph_read_report(struct hm_cx *cx, struct json doc, struct hm_str digest,
			 struct graph_doc *d)
{
	const struct graph_reports *reports = d->reading->reports;
	const char *name = reports ? reports->name(doc) : NULL;
	struct graph_findings found = { 0 };
	struct about a = { 0 };
	(void)digest;
	if (!name)
		return hm_fail(cx, HM_INPUT, "it is not a report that is known");
	d->format = hm_cstr(name);
	HM_TRY(reports->read(cx, doc, &found));
	if (hm_starts(d->format, HM_STR("Trivy")))
		read_trivy(doc, &a);
	else if (hm_starts(d->format, HM_STR("Grype")))
		read_grype(doc, &a);
	else
		read_sarif(doc, &a);
	graph_ref image = image_of(cx, d, &a);
	if (!image && !found.n)
		return hm_fail(cx, HM_INPUT,
			       "it found nothing, and does not name an image by its digest");
	for (size_t i = 0; i < found.n; i++) {
		const struct graph_finding *w = &found.p[i];
		graph_ref package = package_of(cx, d, w);
		graph_say_vuln(cx, d, package, graph_doc_vulnerability(cx, d, w->id), &a.scan);
		if (image && package)
			graph_say_depends(cx, d, image, package, "UNKNOWN",
					  HM_STR("a scanner found it there"));
	}
	if (image && !found.n)
		graph_say_vuln(cx, d, image,
			       graph_doc_noun(cx, d, GRAPH_VULNERABILITY, HM_STR("novuln/"), 0),
			       &a.scan);
	return NULL;
}
