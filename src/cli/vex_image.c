/* SPDX-License-Identifier: Apache-2.0 */
/* VEX documents that hang at an image: found, judged by the trust policy, attached. */
#include "cli/judgement.h"
#include "cli/revocation.h"
#include "cli/ship.h"
#include "cli/vex.h"
#include "statement/statement.h"

/* --- found --- */

static hm_err find_with(struct hm_cx *cx, struct cli *cli, const struct trust_config *t,
			const struct cli_vex_place *p, struct evidence_vexes *out)
{
	struct evidence_source source = { .place = p->place,
					  .trust = t,
					  .options = { .scope = p->scope } };
	struct evidence_vexes all = { 0 };
	cli_revocation_use(cx, cli, &source.options);
	for (size_t i = 0; i < p->n; i++) {
		struct evidence_vexes some;
		HM_TRY(evidence_vex_find(cx, &source, &p->subjects[i], &some));
		for (size_t k = 0; k < some.n; k++)
			*hm_push(cx, &all) = some.p[k];
		if (some.unread.n)
			all.unread = some.unread;
	}
	*out = all;
	return NULL;
}

/* What is told lives as long as cx, and so does the policy, of which it is a part. */
hm_err cli_vex_find(struct hm_cx *cx, struct cli *cli, const struct cli_vex_place *p,
		    struct evidence_vexes *out)
{
	struct trust_config *t;
	struct evidence_vexes found = { 0 };
	HM_TRY(trust_config_open(cx, cli->config_dir, &t));
	hm_err err = find_with(cx, cli, t, p, &found);
	for (size_t i = 0; !err && i < found.n; i++) {
		found.p[i].signer = hm_dup(cx, found.p[i].signer);
		found.p[i].issuer = hm_dup(cx, found.p[i].issuer);
		found.p[i].why = hm_dup(cx, found.p[i].why);
	}
	trust_config_close(t);
	*out = found;
	return err;
}

static void tell_ignored(struct hm_cx *cx, const struct evidence_vexes *found,
			 struct advisory_told *told)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct evidence_vex *v = &found->p[i];
		if (v->is_believed)
			continue;
		*hm_push(cx, &told->ignored) =
			hm_say(cx, "VEX document %.*s at the image%s%.*s: %.*s", HM_FMT(v->digest),
			       v->signer.n ? ", signed by " : "", HM_FMT(v->signer),
			       HM_FMT(v->why));
	}
	if (found->unread.n)
		*hm_push(cx, &told->ignored) =
			hm_say(cx, "VEX documents at the image: %.*s", HM_FMT(found->unread));
}

hm_err cli_vex_tell(struct hm_cx *cx, struct cli *cli, const struct inventory *inv,
		    const char *scope, struct advisory_told *told)
{
	struct oci_target t;
	struct oci_descriptor subjects[2];
	struct cli_vex_place p = { .subjects = subjects };
	struct evidence_vexes found;
	OCI_AUTO_PLACE place = NULL;
	HM_TRY(oci_target_parse(cx, inv->target, &t));
	if (!oci_target_is_place(&t) || !inv->digest.n)
		return hm_fail(cx, HM_USAGE,
			       "--vex oci is for an image: what hangs at others nobody can know");
	HM_TRY(cli_judge_scope(cx, &t, scope, &p.scope));
	HM_TRY(cli_ship_open(cx, cli, hm_dupz(cx, inv->target), OCI_READ, &t, &place));
	p.place = place;
	HM_TRY(oci_resolve_known(cx, place, inv->digest, &subjects[p.n++]));
	if (inv->index.n)
		HM_TRY(oci_resolve_known(cx, place, inv->index, &subjects[p.n++]));
	HM_TRY_IN(cx, cli_vex_find(cx, cli, &p, &found), "--vex oci: \"%.*s\"",
		  HM_FMT(inv->target));
	evidence_vex_tell(cx, &found, told);
	tell_ignored(cx, &found, told);
	return NULL;
}

/* --- attached --- */

hm_err cli_vex_predicate(struct hm_cx *cx, const char *file, struct hm_str bytes, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct advisory_told told = { 0 };
	struct advisory_vex_draft draft = { 0 };
	struct json doc;
	size_t superseded, nameless;
	struct hm_str text;
	HM_TRY(advisory_vex_read(cx, hm_cstr(file), bytes, &told));
	HM_TRY(json_parse(cx, bytes, JSON_STRICT, &doc));
	if (advisory_vex_formats[0].is(doc)) {
		*out = doc;
		return NULL;
	}
	advisory_vex_gather(cx, &told, &draft, &superseded, &nameless);
	draft.author = advisory_vex_author(&told);
	for (size_t i = 0; i < draft.n; i++)
		draft.when = draft.p[i].when > draft.when ? draft.p[i].when : draft.when;
	if (nameless)
		return hm_fail(cx, HM_INPUT,
			       "%zu of its statements name nothing that OpenVEX, which is "
			       "attached, could name",
			       nameless);
	HM_TRY(advisory_vex_complete(cx, &draft));
	HM_TRY(advisory_vex_write(cx, &advisory_vex_formats[0], &draft, &b));
	HM_TRY(hm_buf_end(cx, &b, "the VEX document", &text));
	return json_parse(cx, hm_dup(cx, text), JSON_STRICT, out);
}

static bool is_same_document(struct hm_cx *cx, const void *arg, const struct statement *s,
			     struct hm_str payload)
{
	(void)cx, (void)s;
	return hm_eq(*(const struct hm_str *)arg, payload);
}

hm_err cli_vex_store(struct hm_cx *cx, struct cli *cli, const struct cli_subject *to,
		     const struct sigstore_sealing *by, struct json document,
		     struct cli_vex_attached *out)
{
	const struct oci_target *t = &to->target;
	struct sigstore_attachment a = { .predicate_type = HM_STR(STATEMENT_VEX),
					 .when = hm_now() };
	struct hm_str statement, name = HM_STR("");
	struct sigstore_wanted w = { .by = by,
				     .predicate_type = HM_STR(STATEMENT_VEX),
				     .is_same = is_same_document,
				     .arg = &statement };
	*out = (struct cli_vex_attached){ 0 };
	if (t->kind == OCI_REGISTRY)
		name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
	HM_TRY(statement_about(cx, name, to->descriptor.digest, a.predicate_type, document,
			       &statement));
	HM_TRY(trust_sigstore_find_own(cx, to->place, &to->descriptor, &w, &out->descriptor,
				       &out->reused));
	if (out->reused)
		return NULL;
	(void)hm_source_date_epoch(&a.when);
	HM_TRY(cli_refuse(cli, trust_sigstore_seal_statement(cx, by, statement, &a.bundle)));
	return trust_sigstore_attach(cx, to->place, &to->descriptor, &a, &out->descriptor);
}
