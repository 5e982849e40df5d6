/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on certificates that end, or are revoked. */
#include "graph/questions/releases.h"

enum { IDENTITIES = 10000 };

hm_err graph_ask_signers(struct graph_ask *a, struct graph_numbers *out)
{
	size_t before = out->n;
	HM_TRY(graph_ask_numbers(a,
				 "SELECT DISTINCT fact.object FROM document CROSS JOIN fact WHERE "
				 "fact.document = document.id AND fact.kind = $1 LIMIT $2",
				 STORE_VALUES(store_int(GRAPH_SIGNED_BY), store_int(IDENTITIES)),
				 out));
	if (out->n - before == IDENTITIES)
		a->cut = GRAPH_CUT_ROWS;
	return NULL;
}

static hm_err take_text(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct hm_strs *all = arg;
	*hm_push(cx, all) = hm_dup(cx, row[0].text);
	return NULL;
}

hm_err graph_ask_metadata(struct graph_ask *a, int64_t identity, const char *key,
			  struct graph_ask_details *out)
{
	struct hm_strs details = { 0 };
	HM_TRY(graph_ask_run(
		a,
		"SELECT node.key FROM fact CROSS JOIN node WHERE fact.subject = $1 AND "
		"fact.kind = $2 AND node.id = fact.detail",
		STORE_VALUES(store_int(identity), store_int(GRAPH_HAS_METADATA)), take_text,
		&details));
	for (size_t i = 0; i < details.n; i++) {
		struct json d;
		if (!json_parse(a->cx, details.p[i], JSON_PLAIN, &d) &&
		    hm_eqz(json_str(json_get(d, "key")), key))
			*hm_push(a->cx, out) = d;
	}
	return NULL;
}

hm_err graph_ask_end_of(struct graph_ask *a, int64_t identity, struct hm_str *out)
{
	struct graph_ask_details all = { 0 };
	*out = HM_STR("");
	HM_TRY(graph_ask_metadata(a, identity, "notAfter", &all));
	for (size_t i = 0; i < all.n; i++)
		if (hm_cmp(json_str(json_get(all.p[i], "value")), *out) > 0)
			*out = json_str(json_get(all.p[i], "value"));
	return NULL;
}

hm_err graph_ask_signed(struct graph_ask *a, int64_t identity, struct graph_rows *out)
{
	_Static_assert(GRAPH_SIGNED_BY == 18, "as the statement has it");
	return graph_ask_rows(a,
			      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
			      "WHERE fact.object = $1 AND fact.kind = 18 "
			      "ORDER BY fact.id DESC LIMIT $2",
			      STORE_VALUES(store_int(identity), store_int((int64_t)a->rows + 1)),
			      out);
}

bool graph_is_short_lived(const struct graph_node *identity)
{
	return hm_starts(identity->key, HM_STR("oidc:"));
}

/* When a signature of it was looked at, its certificate was revoked. */
static hm_err is_revoked(struct graph_ask *a, const struct graph_rows *rows, bool *out)
{
	*out = false;
	for (size_t i = 0; i < rows->n && !*out; i++) {
		struct graph_node detail;
		struct json d;
		HM_TRY(graph_ask_node(a, rows->p[i].detail, &detail));
		*out = detail.key.n && !json_parse(a->cx, detail.key, JSON_PLAIN, &d) &&
		       json_bool(json_get(d, "revoked"));
	}
	return NULL;
}

struct looking {
	int64_t now, until;
	struct graph_hangings *out;
};

/* Does it end before `until`, or is it revoked? Then with what it signed, the last first: these
 * were looked at when it may have been revoked already. */
static hm_err look_at(struct graph_releasing *r, int64_t identity, void *arg)
{
	const struct looking *l = arg;
	struct graph_ask *a = r->a;
	struct graph_hanging h = { 0 };
	struct graph_rows rows = { 0 };
	int64_t ends = 0;
	HM_TRY(graph_ask_node(a, identity, &h.identity));
	if (graph_is_short_lived(&h.identity))
		return NULL;
	HM_TRY(graph_ask_end_of(a, identity, &h.ends));
	HM_TRY(graph_ask_signed(a, identity, &rows));
	HM_TRY(is_revoked(a, &rows, &h.is_revoked));
	bool has_end = h.ends.n && !hm_rfc3339_parse(a->cx, h.ends, &ends);
	if (!h.is_revoked && (!has_end || ends > l->until))
		return NULL;
	h.is_over = has_end && ends < l->now;
	HM_TRY(graph_releasing_signed(r, &rows, &h.made));
	*hm_push(a->cx, l->out) = h;
	return NULL;
}

/* What is revoked first; then what ends first. */
static int compare_hangings(const void *a, const void *b)
{
	const struct graph_hanging *x = a, *y = b;
	if (x->is_revoked != y->is_revoked)
		return x->is_revoked ? -1 : 1;
	int by_end = hm_cmp(x->ends, y->ends);
	return by_end ? by_end : hm_cmp(x->identity.key, y->identity.key);
}

hm_err graph_releasing_signers(struct graph_ask *a, graph_look_at_signer *look, void *arg)
{
	struct graph_numbers signers = { 0 };
	struct graph_asked asked = { 0 };
	struct graph_releasing r;
	HM_TRY(graph_ask_signers(a, &signers));
	graph_releasing_begin(a, &asked, &r);
	for (size_t i = 0; i < signers.n && graph_ask_goes_on(a); i++)
		if (signers.p[i])
			HM_TRY(look(&r, signers.p[i], arg));
	return NULL;
}

hm_err graph_expiring(struct hm_cx *cx, struct graph *g, int64_t within,
		      const struct graph_limits *limits, struct graph_hangings *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_hangings found = { 0 };
	int64_t now = hm_now();
	struct looking l = { now, now + within, &found };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(graph_releasing_signers(&a, look_at, &l));
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_hangings);
	if (found.n > a.rows) {
		found.n = a.rows;
		a.cut = GRAPH_CUT_ROWS;
	}
	found.cut = a.cut;
	*out = found;
	return NULL;
}
