/* SPDX-License-Identifier: Apache-2.0 */
/* What a CycloneDX document says of vulnerabilities, and what becomes of it in GUAC. */
#include "graph/documents/documents.h"

struct affected {
	HM_VEC(struct {
		graph_ref ref;
		bool is_part; /* of what the document is about */
	})
	packages;
	bool are_parts; /* all of them */
};

static void add_package(struct hm_cx *cx, graph_ref ref, bool is_part, struct affected *out)
{
	size_t n = out->packages.n;
	(void)hm_push(cx, &out->packages);
	out->packages.p[n].ref = ref;
	out->packages.p[n].is_part = is_part || out->are_parts;
}

/* Numbers; in XML they are texts. */
static double number(struct json v)
{
	double n = 0;
	if (!json_is_string(v))
		return json_real(v);
	return graph_read_score(json_str(v), &n) ? n : 0;
}

static void add_items(struct hm_cx *cx, const struct graph_items *items, struct hm_str ref,
		      struct affected *out)
{
	const struct graph_item *item = hm_map_get(&items->at, ref);
	for (size_t i = 0; item && i < item->packages.n; i++)
		add_package(cx, item->packages.p[i], true, out);
}

/* "urn:cdx:SERIAL/VERSION#NAME" with versions of it: ranges are none. */
static hm_err add_versions(struct hm_cx *cx, struct graph_doc *d, struct json one,
			   struct hm_str name, struct affected *out)
{
	struct json versions = json_get(one, "versions");
	if (!json_is_array(versions))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a component, and has no versions",
			       HM_FMT(graph_text(one, "ref")));
	for (struct json_iter it = json_iter(versions); json_next(&it);) {
		struct hm_str version = graph_text(it.value, "version");
		if (graph_text(it.value, "range").n)
			continue;
		if (!version.n)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" has a version without a text",
				       HM_FMT(graph_text(one, "ref")));
		add_package(cx, graph_doc_package(cx, d, graph_purl_of_name(cx, name, version)),
			    false, out);
	}
	return NULL;
}

static hm_err add_affected(struct hm_cx *cx, struct graph_doc *d, struct json one,
			   const struct graph_items *items, struct affected *out)
{
	struct hm_str ref = graph_text(one, "ref"), name = ref;
	size_t before = out->packages.n;
	add_items(cx, items, ref, out);
	if (out->packages.n > before)
		return NULL;
	hm_cut(&name, '#');
	if (hm_starts(ref, HM_STR("pkg:")))
		name = ref;
	if (!name.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a component", HM_FMT(ref));
	if (!hm_starts(name, HM_STR("pkg:")))
		return add_versions(cx, d, one, name, out);
	graph_ref package = graph_doc_package(cx, d, name);
	if (!package)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(name));
	add_package(cx, package, false, out);
	return NULL;
}

/* The words of the analysis, or what else there is. */
static struct hm_str notes_of(struct hm_cx *cx, struct json one, struct json analysis)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct hm_str state = graph_text(analysis, "state");
	if (!json_is_object(analysis) || graph_text(analysis, "detail").n)
		return graph_text(json_is_object(analysis) ? analysis : one, "detail");
	for (struct json_iter it = json_iter(json_get(analysis, "response")); json_next(&it);)
		hm_buf_fmt(&b, "%s%.*s", b.n ? "," : "", HM_FMT(json_str(it.value)));
	if (b.n)
		return hm_dup(cx, hm_buf_str(&b));
	if (hm_eqz(state, "resolved_with_pedigree") || hm_eqz(state, "false_positive"))
		return hm_fmt(cx, "CDX state: %.*s", HM_FMT(state));
	return graph_text(one, "detail");
}

static hm_err read_analysis(struct hm_cx *cx, struct json one, struct graph_vex *v)
{
	struct json analysis = json_get(one, "analysis");
	struct hm_str state = graph_text(analysis, "state"), when = graph_text(one, "published");
	int64_t t;
	*v = (struct graph_vex){ .status = ADVISORY_VEX_AFFECTED,
				 .statement = graph_text(one, "description"),
				 .notes = notes_of(cx, one, analysis) };
	if (!json_is_object(analysis))
		return NULL;
	if (!advisory_vex_state(state, &v->status))
		return hm_fail(cx, HM_INPUT, "it has no state \"%.*s\"", HM_FMT(state));
	v->reason = advisory_vex_reason_of(graph_text(analysis, "justification"));
	if (when.n)
		HM_TRY_IN(cx, hm_rfc3339_parse(cx, when, &t), "\"published\"");
	v->since = when;
	return NULL;
}

static void say_ratings(struct hm_cx *cx, struct graph_doc *d, struct json one, graph_ref vuln,
			struct hm_str since)
{
	for (struct json_iter it = json_iter(json_get(one, "ratings")); json_next(&it);) {
		struct graph_score score = { graph_text(it.value, "method"),
					     number(json_get(it.value, "score")), since };
		if (score.type.n)
			graph_say_score(cx, d, vuln, &score);
	}
}

/* What is true of a component there is not so everywhere: not of the same package in another
 * release. */
struct about {
	graph_ref top;
	bool is_image; /* all that it speaks of is in it */
	struct graph_link whole;
};

static hm_err read_one(struct hm_cx *cx, struct graph_doc *d, struct json one,
		       const struct graph_items *items, const struct about *about)
{
	struct hm_str id = graph_text(one, "id");
	struct json list = json_get(one, "affects");
	struct graph_vex v;
	struct affected a = { .are_parts = about->is_image };
	graph_ref vuln = graph_doc_vulnerability(cx, d, id);
	if (!vuln)
		return hm_fail(cx, HM_INPUT, "a vulnerability has no \"id\"");
	HM_TRY_IN(cx, read_analysis(cx, one, &v), "\"%.*s\"", HM_FMT(id));
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY_IN(cx, add_affected(cx, d, it.value, items, &a), "\"%.*s\"", HM_FMT(id));
	if (!json_is_there(list) && hm_find(graph_text(one, "bom-ref"), HM_STR("pkg:")) != SIZE_MAX)
		add_items(cx, items, graph_text(one, "bom-ref"), &a);
	for (size_t i = 0; i < a.packages.n; i++) {
		graph_ref package = a.packages.p[i].ref;
		bool is_part = a.packages.p[i].is_part && about->top && package != about->top;
		v.link = is_part ? &about->whole : NULL;
		graph_say_vex(cx, d, package, vuln, &v);
		if (graph_is_affected(v.status))
			graph_say_vuln(cx, d, package, vuln,
				       &(struct graph_scan){ .time = v.since });
	}
	say_ratings(cx, d, one, vuln, v.since);
	return NULL;
}

hm_err graph_read_cyclonedx_vulnerabilities(struct hm_cx *cx, struct json doc,
					    const struct graph_items *items, graph_ref top,
					    struct graph_doc *d)
{
	struct json component = json_get(json_get(doc, "metadata"), "component");
	struct about *about = hm_new(cx, struct about, 1);
	*about = (struct about){ top,
				 top && hm_eqz(graph_text(component, "type"), "container"),
				 { GRAPH_WHOLE, top } };
	for (struct json_iter it = json_iter(json_get(doc, "vulnerabilities")); json_next(&it);)
		HM_TRY(read_one(cx, d, it.value, items, about));
	return NULL;
}
