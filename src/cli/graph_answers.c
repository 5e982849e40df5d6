/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of answers: nouns, facts, who said them. */
#include "cli/graph_answers.h"

/* ------------------------------------------------------------------ as JSON */

static void put_id(struct json_out *o, int64_t id)
{
	char text[HM_DECIMAL];
	json_put_str(o, "id", hm_decimal(text, id));
}

void cli_graph_put_node(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_node *node)
{
	if (!node->id || json_put_again(o, key, node->id))
		return;
	json_open(o, key, '{');
	put_id(o, node->id);
	json_putz(o, "kind",
		  node->kind < GRAPH_NOUN_KINDS && node->kind ? graph_noun_names[node->kind] : "");
	json_put_str(o, "key", node->key);
	json_put_str(o, "label", graph_label(cx, node));
	json_close(o, '}');
	json_remember(o, node->id);
}

void cli_graph_put_nodes(struct hm_cx *cx, struct json_out *o, const char *key,
			 const struct graph_nodes *nodes)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < nodes->n; i++)
		cli_graph_put_node(cx, o, NULL, &nodes->p[i]);
	json_close(o, ']');
}

void cli_graph_put_witness(struct hm_cx *cx, struct json_out *o, const char *key,
			   const struct graph_witness *s)
{
	json_open(o, key, '{');
	json_put_str(o, "digest", s->digest);
	json_put_str(o, "format", s->format);
	json_put_str(o, "origin", s->origin);
	json_put_str(o, "collector", s->collector);
	cli_graph_put_node(cx, o, "signer", &s->signer);
	json_putz(o, "belief", graph_belief_names[s->belief]);
	json_put_str(o, "taken", hm_rfc3339(cx, s->taken));
	json_close(o, '}');
}

/* What the document says of a fact, as an object. */
static void put_detail(struct hm_cx *cx, struct json_out *o, struct hm_str detail)
{
	struct json doc;
	if (!detail.n)
		return;
	if (detail.p[0] == '{' && !json_parse(cx, detail, JSON_PLAIN, &doc) &&
	    json_is_object(doc)) {
		json_put_json(o, "detail", doc);
		return;
	}
	json_open(o, "detail", '{');
	json_put_str(o, "text", detail);
	json_close(o, '}');
}

void cli_graph_put_fact(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_said *f)
{
	json_open(o, key, '{');
	put_id(o, f->id);
	json_putz(o, "kind", f->kind ? graph_fact_names[f->kind] : "");
	cli_graph_put_node(cx, o, "subject", &f->subject);
	cli_graph_put_node(cx, o, "object", &f->object);
	put_detail(cx, o, f->detail);
	if (f->links_n) {
		json_open(o, "links", '[');
		for (size_t i = 0; i < f->links_n; i++) {
			json_open(o, NULL, '{');
			json_put_str(o, "role", f->links[i].role);
			cli_graph_put_node(cx, o, "node", &f->links[i].node);
			json_close(o, '}');
		}
		json_close(o, ']');
	}
	cli_graph_put_witness(cx, o, "document", f->source);
	json_close(o, '}');
}

void cli_graph_put_facts(struct hm_cx *cx, struct json_out *o, const char *key,
			 const struct graph_facts *facts)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < facts->n; i++)
		cli_graph_put_fact(cx, o, NULL, &facts->p[i]);
	json_close(o, ']');
}

void cli_graph_put_pods(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_pods *pods)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < pods->n; i++) {
		const struct graph_pod *p = &pods->p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "cluster", p->cluster);
		json_put_str(o, "namespace", p->namespace);
		json_put_given(o, "workload", p->owner);
		json_put_str(o, "pod", p->name);
		json_put_str(o, "container", p->container);
		json_put_given(o, "image", p->image);
		json_put_given(o, "node", p->host);
		if (p->since)
			json_put_str(o, "since", hm_rfc3339(cx, p->since));
		if (p->gone)
			json_put_str(o, "gone", hm_rfc3339(cx, p->gone));
		cli_graph_put_node(cx, o, "artifact", &p->artifact);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void cli_graph_put_component(struct hm_cx *cx, struct json_out *o, const char *key,
			     const struct graph_component *c)
{
	if (!c->package.id)
		return;
	json_open(o, key, '{');
	cli_graph_put_node(cx, o, "package", &c->package);
	cli_graph_put_nodes(cx, o, "licences", &c->licences);
	if (c->said.n)
		cli_graph_put_facts(cx, o, "said", &c->said);
	json_close(o, '}');
}

const char *cli_graph_decision_answer(const struct graph_decision *d)
{
	return d->allowed ? "allowed" : d->unknown ? "unknown" : "denied";
}

void cli_graph_put_decisions(struct hm_cx *cx, struct json_out *o, const char *key,
			     const struct graph_decisions *all)
{
	if (!all->n)
		return;
	json_open(o, key, '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_decision *d = &all->p[i];
		json_open(o, NULL, '{');
		json_putz(o, "answer", cli_graph_decision_answer(d));
		json_put_given(o, "reason", d->reason);
		json_put_str(o, "policy", d->policy);
		json_put_given(o, "image", d->image);
		json_put_given(o, "namespace", d->namespace);
		json_put_given(o, "workload", d->workload);
		json_put_str(o, "first", hm_rfc3339(cx, d->first));
		json_put_str(o, "last", hm_rfc3339(cx, d->last));
		json_put_int(o, "times", (int64_t)d->times);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void cli_graph_put_cut(struct json_out *o, enum graph_cut cut)
{
	if (cut)
		json_putz(o, "cut", graph_cut_names[cut]);
}

/* ------------------------------------------------------------------ for people */

struct hm_str cli_graph_witness_text(struct hm_cx *cx, const struct graph_witness *s)
{
	static const char *const beliefs[GRAPH_BELIEFS] = { "", ", believed", ", not believed" };
	if (!s->signer.id)
		return hm_fmt(cx, "%.*s%s", HM_FMT(s->origin), beliefs[s->belief]);
	return hm_fmt(cx, "%.*s, signed by %.*s%s", HM_FMT(s->origin), HM_FMT(s->signer.key),
		      beliefs[s->belief]);
}

void cli_graph_write_fact(struct hm_cx *cx, struct hm_buf *out, const char *indent,
			  const struct graph_said *f)
{
	hm_buf_addz(out, indent);
	hm_buf_safe(out, f->subject.key);
	hm_buf_fmt(out, " %s", f->kind ? graph_fact_names[f->kind] : "");
	hm_buf_addz(out, f->object.key.n ? " " : "");
	hm_buf_safe(out, f->object.key);
	for (size_t i = 0; i < f->links_n && i < 4; i++) {
		hm_buf_addz(out, " ");
		hm_buf_safe(out, f->links[i].node.key);
	}
	hm_buf_addz(out, ": ");
	hm_buf_safe(out, cli_graph_witness_text(cx, f->source));
	hm_buf_char(out, '\n');
}

void cli_graph_write_facts(struct hm_cx *cx, struct hm_buf *out, const struct graph_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++)
		cli_graph_write_fact(cx, out, "  ", &facts->p[i]);
}

void cli_graph_write_decision(struct hm_cx *cx, struct hm_buf *out, const char *indent,
			      const struct graph_decision *d)
{
	hm_buf_fmt(out, "%s%s by ", indent, cli_graph_decision_answer(d));
	hm_buf_safe(out, d->policy);
	if (d->namespace.n || d->workload.n) {
		hm_buf_addz(out, " for ");
		hm_buf_safe(out,
			    hm_fmt(cx, "%.*s/%.*s", HM_FMT(d->namespace), HM_FMT(d->workload)));
	}
	hm_buf_fmt(out, ", %llu times until %.*s", (unsigned long long)d->times,
		   HM_FMT(hm_rfc3339(cx, d->last)));
	if (d->reason.n)
		hm_buf_addz(out, ": ");
	hm_buf_safe(out, d->reason);
	hm_buf_char(out, '\n');
}

void cli_graph_write_cut(struct hm_buf *out, enum graph_cut cut)
{
	static const char *const why[GRAPH_CUTS] = { "", "these are the first rows",
						     "what is farther away was not looked at",
						     "the time for a question is over" };
	if (cut)
		hm_buf_fmt(out, "there is more: %s\n", why[cut]);
}

struct hm_str cli_graph_pod_text(struct hm_cx *cx, const struct graph_pod *p)
{
	struct hm_str what = p->owner.n ? p->owner : p->name;
	struct hm_str place = hm_fmt(cx, "%.*s/%.*s/", HM_FMT(p->cluster), HM_FMT(p->namespace));
	struct hm_str since = p->since ? hm_sub(hm_rfc3339(cx, p->since), 0, 10) : HM_STR("");
	/* a workload's name has its place */
	if (hm_starts(what, place))
		place = HM_STR("");
	return hm_fmt(cx, "%.*s%.*s%s%.*s", HM_FMT(place), HM_FMT(what), since.n ? " since " : "",
		      HM_FMT(since));
}

/* ------------------------------------------------------------------ what somebody made */

void cli_graph_put_made(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_made_list *all)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < all->n; i++) {
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "artifact", &all->p[i].artifact);
		cli_graph_put_nodes(cx, o, "images", &all->p[i].images);
		cli_graph_put_fact(cx, o, "fact", &all->p[i].fact);
		cli_graph_put_pods(cx, o, "running", &all->p[i].pods);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void cli_graph_add_made(struct hm_cx *cx, struct cli_table *t, const struct graph_made_list *all,
			size_t i)
{
	const struct graph_made *m = i < all->n ? &all->p[i] : NULL;
	*hm_push(cx, &t->cells) = !m            ? HM_STR("")
				  : m->images.n ? m->images.p[0].key
						: m->artifact.key;
	*hm_push(cx, &t->cells) =
		m && m->pods.n ? cli_graph_pod_text(cx, &m->pods.p[0]) : HM_STR("");
}
