/* SPDX-License-Identifier: Apache-2.0 */
/* What a release did: a table for people, JSON for programs. */
#include "cli/release_run.h"

static const char *const step_names[RELEASE_STEPS] = { "inventory", "scan", "push", "attach",
						       "sign" };

static void put_stored(struct json_out *o, const struct trust_stored *s)
{
	json_put_str(o, "digest", s->descriptor.digest);
	json_put_bool(o, "reused", s->reused);
}

static void put_signature(struct json_out *o, const char *key, const struct release_run *r,
			  const struct trust_stored *list, size_t i)
{
	json_open(o, key, '{');
	json_putz(o, "format", cli_release_signature_format(r, i));
	put_stored(o, &list[i]);
	json_close(o, '}');
}

static void put_claims(struct json_out *o, const struct release_run *r,
		       const struct release_claims *claims)
{
	if (!claims->n)
		return;
	json_open(o, "attestations", '[');
	for (size_t i = 0; i < claims->n; i++)
		for (size_t k = 0; k < r->forms.n; k++) {
			json_open(o, NULL, '{');
			json_put_str(o, "predicateType", claims->p[i].type);
			put_stored(o, &claims->p[i].stored[k]);
			json_close(o, '}');
		}
	json_close(o, ']');
}

/* The first signer's, and all of them where there are several. */
static void put_signatures(struct json_out *o, const struct release_run *r,
			   const struct trust_stored *list)
{
	put_signature(o, "signature", r, list, 0);
	if (cli_release_signatures(r) == 1)
		return;
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < cli_release_signatures(r); i++)
		put_signature(o, NULL, r, list, i);
	json_close(o, ']');
}

static void put_item(struct json_out *o, const struct release_run *r, const char *key,
		     const struct release_item *item, const struct trust_stored *signatures)
{
	json_open(o, key, '{');
	json_put_str(o, "digest", item->descriptor.digest);
	json_put_str(o, "artifactType", item->descriptor.artifact_type);
	json_put_bool(o, "reused", item->reused);
	put_signatures(o, r, signatures);
	json_close(o, '}');
}

static void put_vex(struct json_out *o, const struct release_run *r, const struct release_image *m)
{
	if (!r->vex_n)
		return;
	json_open(o, "vex", '[');
	for (size_t i = 0; i < r->vex_n; i++)
		put_item(o, r, NULL, &m->vex_items[i], m->vex_signatures[i]);
	json_close(o, ']');
}

static void put_image(struct hm_cx *cx, struct json_out *o, const struct release_run *r,
		      const struct release_image *m)
{
	json_open(o, NULL, '{');
	json_put_str(o, "digest", m->descriptor.digest);
	json_put_str(o, "platform", oci_platform_text(cx, &m->platform));
	json_put_int(o, "packages", (int64_t)m->packages);
	advisory_put_counts(o, "vulnerabilities", m->counts);
	json_put_int(o, "suppressed", (int64_t)m->suppressed);
	inventory_put_unknown(o, "unknownContent", &m->unknown);
	json_put_bool(o, "thresholdExceeded", m->above);
	if (!r->denied) {
		put_item(o, r, "sbom", &m->sbom_item, m->sbom_signatures);
		put_item(o, r, "report", &m->report_item, m->report_signatures);
		put_vex(o, r, m);
		put_signatures(o, r, m->signatures);
		put_claims(o, r, &m->claims);
	}
	json_close(o, '}');
}

static void describe_release(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct release_run *r = data;
	json_put_bool(o, "released", !r->denied);
	json_open(o, "target", '{');
	json_put_str(o, "given", r->from_target.text);
	json_put_str(o, "reference", oci_target_with_digest(cx, &r->to_target, r->root.digest));
	json_put_str(o, "digest", r->root.digest);
	json_put_str(o, "tag", r->to_target.tag);
	json_close(o, '}');
	if (r->is_index && !r->denied) {
		put_signatures(o, r, r->index_signatures);
		put_claims(o, r, &r->index_claims);
	}
	json_open(o, "images", '[');
	for (size_t i = 0; i < r->n; i++)
		put_image(cx, o, r, &r->images[i]);
	json_close(o, ']');
	json_open(o, "steps", '[');
	for (size_t i = 0; i < RELEASE_STEPS; i++) {
		json_open(o, NULL, '{');
		json_putz(o, "name", step_names[i]);
		json_put_int(o, "milliseconds", r->took[i] / 1000000);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *what, struct hm_str digest,
		    struct hm_str detail)
{
	*hm_push(cx, &t->cells) = hm_cstr(what);
	*hm_push(cx, &t->cells) = digest;
	*hm_push(cx, &t->cells) = detail;
}

static bool are_reused(const struct release_run *r, const struct trust_stored *signatures)
{
	for (size_t i = 0; i < cli_release_signatures(r); i++)
		if (!signatures[i].reused)
			return false;
	return true;
}

static struct hm_str describe_item(struct hm_cx *cx, const struct release_run *r,
				   const struct release_item *item,
				   const struct trust_stored *signatures, struct hm_str detail)
{
	const char *state = !item->reused               ? "attached and signed"
			    : are_reused(r, signatures) ? "there already"
							: "there already, signed now";
	return detail.n ? hm_fmt(cx, "%.*s; %s", HM_FMT(detail), state) : hm_cstr(state);
}

static void add_signature_rows(struct hm_cx *cx, const struct release_run *r,
			       const struct trust_stored *signatures, struct cli_table *t)
{
	for (size_t i = 0; i < cli_release_signatures(r); i++)
		add_row(cx, t, "signature", signatures[i].descriptor.digest,
			signatures[i].reused ? HM_STR("there already")
					     : cli_release_signature_by(cx, r, i));
}

static void add_claim_rows(struct hm_cx *cx, const struct release_run *r,
			   const struct release_claims *claims, struct cli_table *t)
{
	for (size_t i = 0; i < claims->n; i++)
		for (size_t k = 0; k < r->forms.n; k++) {
			const struct trust_stored *s = &claims->p[i].stored[k];
			add_row(cx, t, "attestation", s->descriptor.digest,
				s->reused ? hm_fmt(cx, "%.*s; there already",
						   HM_FMT(claims->p[i].type))
					  : claims->p[i].type);
		}
}

static void add_image_rows(struct hm_cx *cx, const struct release_run *r,
			   const struct release_image *m, struct cli_table *t)
{
	struct hm_str packages = hm_fmt(cx, "%zu packages", m->packages);
	struct hm_str counts = hm_fmt(cx, "%.*s%.*s", HM_FMT(advisory_counts_text(cx, m->counts)),
				      HM_FMT(advisory_rest_text(cx, m->suppressed, m->unknown.n)));
	if (r->is_index)
		add_row(cx, t, "platform", m->descriptor.digest,
			oci_platform_text(cx, &m->platform));
	if (r->denied) {
		add_row(cx, t, "sbom", HM_STR("-"), packages);
		add_row(cx, t, "report", HM_STR("-"), counts);
		return;
	}
	add_row(cx, t, "sbom", m->sbom_item.descriptor.digest,
		describe_item(cx, r, &m->sbom_item, m->sbom_signatures, packages));
	add_row(cx, t, "report", m->report_item.descriptor.digest,
		describe_item(cx, r, &m->report_item, m->report_signatures, counts));
	for (size_t i = 0; i < r->vex_n; i++)
		add_row(cx, t, "vex", m->vex_items[i].descriptor.digest,
			describe_item(cx, r, &m->vex_items[i], m->vex_signatures[i],
				      r->o->vex.p[i]));
	add_signature_rows(cx, r, m->signatures, t);
	add_claim_rows(cx, r, &m->claims, t);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "EVIDENCE", "DIGEST", "WHAT" };
	const struct release_run *r = data;
	(void)format;
	struct cli_table t = { .columns = columns, .columns_n = 3 };
	struct hm_str image = oci_target_with_digest(cx, &r->to_target, r->root.digest);
	add_row(cx, &t, r->is_index ? "index" : "image", r->root.digest,
		r->denied            ? HM_STR("not pushed")
		: r->to_target.tag.n ? hm_fmt(cx, "tag \"%.*s\"", HM_FMT(r->to_target.tag))
				     : HM_STR("no tag"));
	if (r->is_index && !r->denied) {
		add_signature_rows(cx, r, r->index_signatures, &t);
		add_claim_rows(cx, r, &r->index_claims, &t);
	}
	for (size_t i = 0; i < r->n; i++)
		add_image_rows(cx, r, &r->images[i], &t);
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
	int64_t sum = 0;
	for (size_t i = 0; i < RELEASE_STEPS; i++) {
		hm_buf_fmt(out, "%s%s %.2f s", i ? ", " : "", step_names[i],
			   (double)r->took[i] / 1e9);
		sum += r->took[i];
	}
	hm_buf_fmt(out, "; %.2f s in all\n%s %.*s\n", (double)sum / 1e9,
		   r->denied ? "not released:" : "released:", HM_FMT(image));
	return NULL;
}

const struct cli_answer cli_release_answer = {
	.schema = "hullmark.release/1",
	.describe = describe_release,
	.write = write_table,
};
