/* SPDX-License-Identifier: Apache-2.0 */
/* What a signing certificate says of itself and of those above it. */
#include "graph/collect/certificate.h"

/* A certificate above counts where it has issued the one below it: the chain is a stranger's. */
void graph_collect_read_certificate(struct hm_cx *cx, const struct crypto_chain *chain,
				    struct graph_collect_certificate *out)
{
	struct crypto_certificate_info info;
	*out = (struct graph_collect_certificate){ 0 };
	if (chain->n && !crypto_certificate_info(cx, chain, 0, &info))
		out->ends = info.not_after;
	for (size_t i = 0; i < chain->n && !crypto_chain_is_self_signed(chain, i); i++) {
		struct crypto_issued issued;
		if (crypto_certificate_issued(cx, chain, i, &issued))
			return;
		*hm_push(cx, &out->issued) = issued;
		if (!issued.key.n)
			return;
	}
}

/* Of the signing certificate, or of one above it. */
static void say(struct hm_cx *cx, struct graph_doc *d, graph_ref who, struct hm_str ends,
		const struct crypto_issued *issued, bool is_above)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "key", issued ? "issued" : "notAfter");
	json_put_str(&o, "value", issued ? issued->serial : ends);
	if (issued) {
		json_put_str(&o, "issuer", issued->issuer);
		json_put_given(&o, "issuerKey", issued->key);
	}
	json_putz(&o, "justification", is_above ? "certificate authority" : "signing certificate");
	json_close(&o, '}');
	graph_ref detail = b.over ? 0 : graph_doc_text(cx, d, hm_buf_str(&b));
	if (detail)
		graph_doc_fact(cx, d,
			       &(struct graph_fact){ .kind = GRAPH_HAS_METADATA,
						     .subject = who,
						     .detail = detail });
}

void graph_collect_say_certificate(struct hm_cx *cx, const struct graph_collect_certificate *c,
				   struct hm_str identity, struct graph_doc *d)
{
	graph_ref who = graph_doc_noun(cx, d, GRAPH_IDENTITY, identity, 0);
	if (!who)
		return;
	if (c->ends)
		say(cx, d, who, hm_rfc3339(cx, c->ends), NULL, false);
	for (size_t i = 0; i < c->issued.n && hm_starts(identity, HM_STR("cert:")); i++)
		say(cx, d, who, HM_STR(""), &c->issued.p[i], i > 0);
}
