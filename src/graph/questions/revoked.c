/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on certificates that a revocation list names. */
#include "graph/questions/releases.h"

static struct graph_issued read_issued(struct json d)
{
	return (struct graph_issued){ .issuer = json_str(json_get(d, "issuer")),
				      .serial = json_str(json_get(d, "value")),
				      .key = json_str(json_get(d, "issuerKey")) };
}

/* The identity's own certificate before those above it. */
static bool find_named(const struct graph_ask_details *issued, const struct graph_revoking *by,
		       struct graph_revoked_one *out)
{
	for (int above = 0; above < 2; above++)
		for (size_t i = 0; i < issued->n; i++) {
			struct hm_str of = json_str(json_get(issued->p[i], "justification"));
			out->certificate = read_issued(issued->p[i]);
			out->is_above = hm_eqz(of, "certificate authority");
			if (out->is_above == (above != 0) &&
			    by->names(by->arg, &out->certificate, &out->since, &out->reason))
				return true;
		}
	return false;
}

struct looking {
	const struct graph_revoking *by;
	struct graph_revoked *out;
};

static hm_err look_at(struct graph_releasing *r, int64_t identity, void *arg)
{
	const struct looking *l = arg;
	struct graph_ask *a = r->a;
	struct graph_revoked_one one = { 0 };
	struct graph_ask_details issued = { 0 };
	struct graph_rows rows = { 0 };
	HM_TRY(graph_ask_node(a, identity, &one.identity));
	if (!hm_starts(one.identity.key, HM_STR("cert:")))
		return NULL;
	HM_TRY(graph_ask_metadata(a, identity, "issued", &issued));
	l->out->unknown += !issued.n;
	if (!find_named(&issued, l->by, &one))
		return NULL;
	HM_TRY(graph_ask_signed(a, identity, &rows));
	HM_TRY(graph_releasing_signed(r, &rows, &one.made));
	*hm_push(a->cx, l->out) = one;
	return NULL;
}

static int compare_revoked(const void *a, const void *b)
{
	const struct graph_revoked_one *x = a, *y = b;
	return hm_cmp(x->identity.key, y->identity.key);
}

hm_err graph_revoked(struct hm_cx *cx, struct graph *g, const struct graph_revoking *by,
		     const struct graph_limits *limits, struct graph_revoked *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_revoked found = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(graph_releasing_signers(&a, look_at, &(struct looking){ by, &found }));
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_revoked);
	if (found.n > a.rows) {
		found.n = a.rows;
		a.cut = GRAPH_CUT_ROWS;
	}
	found.cut = a.cut;
	*out = found;
	return NULL;
}
