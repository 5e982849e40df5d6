/* SPDX-License-Identifier: Apache-2.0 */
/* `graph ingest --registry`: all that a registry has, and what comes later. */
#include <fnmatch.h>

#include "cli/graph_ingest.h"
#include "oci/oci.h"

enum { INTERVAL = 30 };

static bool is_wanted(struct hm_str name, char *const *patterns, size_t n)
{
	bool wanted = !n;
	for (size_t i = 0; i < n && !wanted; i++)
		wanted = fnmatch(patterns[i], name.p, 0) == 0;
	return wanted;
}

/* A repository in doubt is named, and the others are looked at all the same. */
static hm_err take_repository(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in,
			      struct hm_str name)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	char *ref = hm_dupz(&own, hm_fmt(&own, "%s/%.*s", in->o->registry, HM_FMT(name)));
	struct cli_ingest of = {
		.graph = in->graph, .trust = in->trust, .o = in->o, .is_watch = in->is_watch
	};
	hm_err err = cli_ingest_refs(&own, cli, &of, &ref, 1);
	HM_TRY(hm_alive(cx));
	for (size_t i = 0; i < of.all.n; i++)
		cli_ingest_note(cx, in, &of.all.p[i]);
	if (err)
		cli_ingest_note(cx, in,
				&(struct cli_ingested){ .path = hm_cstr(ref),
							.why_not = hm_cstr(err->why) });
	return NULL;
}

static hm_err take_round(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in,
			 char *const *patterns, size_t n)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	const struct oci_access *access;
	struct hm_strs names = { 0 };
	struct oci_target t = { .kind = OCI_REGISTRY };
	HM_TRY(oci_registry_parse(cx, hm_cstr(in->o->registry), &t.registry, &t.address));
	HM_TRY(cli_secret_for(cx, cli, &t));
	HM_TRY(cli_access(cx, cli, &access));
	hm_err err = oci_catalog(&own, access, hm_cstr(in->o->registry), &names);
	if (err)
		return hm_fault_copy(cx, err);
	for (size_t i = 0; i < names.n; i++) {
		struct hm_str name = hm_dup(&own, names.p[i]);
		if (is_wanted(name, patterns, n))
			HM_TRY(take_repository(cx, cli, in, name));
	}
	return NULL;
}

/* What a round brought, in a line of the log. */
static void tell_round(struct hm_cx *cx, const struct cli_ingest *in, size_t from)
{
	for (size_t i = from; i < in->all.n; i++) {
		const struct cli_ingested *t = &in->all.p[i];
		hm_log(cx, t->why_not.n ? HM_LOG_WARN : HM_LOG_INFO,
		       t->why_not.n ? "refused" : "taken", "document", hm_dupz(cx, t->path),
		       t->why_not.n ? "why" : "format",
		       hm_dupz(cx, t->why_not.n ? t->why_not : t->taken.format), NULL);
	}
}

/* Each round in memory of its own: it goes on for weeks. */
static hm_err watch(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in, char *const *patterns,
		    size_t n)
{
	int64_t pause = (int64_t)(in->o->interval ? in->o->interval : INTERVAL) * HM_SECOND;
	while (!hm_pause(cx, pause)) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		struct cli_ingest round = {
			.graph = in->graph, .trust = in->trust, .o = in->o, .is_watch = true
		};
		hm_err err = take_round(&own, cli, &round, patterns, n);
		if (hm_alive(cx))
			break;
		tell_round(&own, &round, 0);
		if (err)
			hm_log(cx, HM_LOG_WARN, "the registry could not be looked at", "why",
			       err->why, NULL);
		in->taken += round.taken;
		in->known += round.known;
	}
	return NULL;
}

hm_err cli_ingest_registry(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in,
			   char *const *patterns, size_t patterns_n)
{
	if (in->o->all || in->o->scope)
		return hm_fail(cx, HM_USAGE, "--all and --scope are for references");
	if (!in->o->watch)
		return take_round(cx, cli, in, patterns, patterns_n);
	cli_graph_until_told(cx);
	HM_TRY(take_round(cx, cli, in, patterns, patterns_n));
	tell_round(cx, in, 0);
	return watch(cx, cli, in, patterns, patterns_n);
}
