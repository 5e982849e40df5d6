/* SPDX-License-Identifier: Apache-2.0 */
/* What scanners report is read by repair/, which graph/ stands below. */
#include "cli/graph.h"
#include "repair/repair.h"

/* Copacetic's plug-ins name no vulnerabilities, but packages to be updated. */
static const struct repair_report_format *format_of(struct json doc)
{
	const struct repair_report_format *f = repair_report_formats;
	while (f->name && (hm_starts(hm_cstr(f->name), HM_STR("Copacetic")) || !f->is(doc)))
		f++;
	return f->name ? f : NULL;
}

static const char *name_report(struct json doc)
{
	const struct repair_report_format *f = format_of(doc);
	return f ? f->name : NULL;
}

static hm_err read_report(struct hm_cx *cx, struct json doc, struct graph_findings *out)
{
	struct repair_report r = { 0 };
	HM_TRY(format_of(doc)->read(cx, doc, &r));
	for (size_t i = 0; i < r.wanted.n; i++) {
		const struct repair_wanted *w = &r.wanted.p[i];
		*hm_push(cx, out) = (struct graph_finding){ .id = w->id,
							    .name = w->name,
							    .installed = w->installed,
							    .purl = w->reported_purl,
							    .type = w->reported_type };
	}
	return NULL;
}

const struct graph_reports cli_graph_reports = { name_report, read_report };

hm_err cli_graph_document_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	return graph_document_job(cx, args, in, &cli_graph_reports, out);
}
