/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verdict.h"

#include "cli/cli.h"

static void put_signature(struct hm_cx *cx, struct json_out *o, const struct trust_signature *s)
{
	struct trust_identity signer = trust_signature_signer(s);
	int64_t made = trust_signature_time(s);
	json_open(o, NULL, '{');
	json_put_given(o, "digest", s->descriptor.digest);
	json_put_given(o, "file", s->file);
	json_put_bool(o, "good", s->good);
	if (!s->good)
		json_put_str(o, "why", s->why);
	json_put_given(o, "format", hm_cstr(s->format));
	json_put_given(o, "identityKind", hm_cstr(signer.kind));
	json_put_str(o, "identity", signer.value);
	json_put_str(o, "issuer", signer.issuer);
	json_put_given(o, "predicateType", s->predicate);
	if (made)
		json_put_str(o, "signingTime", hm_rfc3339(cx, made));
	if (s->times[TRUST_TIME_STAMPED]) {
		json_put_str(o, "timestamp", hm_rfc3339(cx, s->times[TRUST_TIME_STAMPED]));
		json_put_str(o, "timestampAuthority", s->stamped_by);
	}
	if (s->times[TRUST_TIME_LOGGED])
		json_put_str(o, "logTime", hm_rfc3339(cx, s->times[TRUST_TIME_LOGGED]));
	if (s->in_log)
		json_put_int(o, "logIndex", (int64_t)s->log_index);
	if (s->expiry)
		json_put_str(o, "expiry", hm_rfc3339(cx, s->expiry));
	json_open(o, "checks", '[');
	for (size_t i = 0; i < TRUST_CHECKS; i++) {
		const struct trust_result *r = &s->results[i];
		json_open(o, NULL, '{');
		json_putz(o, "check", trust_check_names[i]);
		json_putz(o, "action", trust_action_names[r->action]);
		json_put_bool(o, "good", r->good);
		if (!r->good)
			json_put_str(o, "why", r->why);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "userMetadata", '{');
	for (size_t i = 0; i < s->user_metadata.n; i++) {
		json_key(o, s->user_metadata.p[i].key);
		json_put_str(o, NULL, s->user_metadata.p[i].value);
	}
	json_close(o, '}');
	json_close(o, '}');
}

void cli_verdict_put(struct hm_cx *cx, struct json_out *o, const struct trust_verdict *v)
{
	json_put_bool(o, "verified", v->verified);
	json_put_bool(o, "skipped", v->skipped);
	json_put_str(o, "policy", v->policy);
	json_putz(o, "level", trust_level_names[v->level]);
	if (!v->verified)
		json_put_str(o, "why", v->why);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < v->signatures_n; i++)
		put_signature(cx, o, &v->signatures[i]);
	json_close(o, ']');
}

static void write_metadata(struct hm_cx *cx, const struct trust_verdict *v, const char *what,
			   struct hm_buf *out)
{
	static const char *const columns[] = { "KEY", "VALUE" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	const struct oci_annotations *m = &v->signatures[v->signatures_n - 1].user_metadata;
	for (size_t i = 0; i < m->n; i++) {
		*hm_push(cx, &t.cells) = m->p[i].key;
		*hm_push(cx, &t.cells) = m->p[i].value;
	}
	if (!m->n)
		return;
	hm_buf_fmt(out, "\nThe %s was signed with the following user metadata.\n\n", what);
	cli_table_format(cx, &t, out);
}

void cli_verdict_write(struct hm_cx *cx, const struct trust_verdict *v, const char *what,
		       struct hm_str name, struct hm_buf *out)
{
	if (!v->verified)
		return;
	if (v->skipped) {
		hm_buf_fmt(out,
			   "Trust policy is configured to skip signature verification for %.*s\n",
			   HM_FMT(name));
		return;
	}
	hm_buf_fmt(out, "Successfully verified signature for %.*s\n", HM_FMT(name));
	write_metadata(cx, v, what, out);
}

/* What the policy lets pass with a warning, and why each bad signature is bad. */
static void warn_of_checks(struct hm_cx *cx, const struct trust_verdict *v)
{
	for (size_t i = 0; i < v->signatures_n; i++) {
		const struct trust_signature *s = &v->signatures[i];
		if (!s->good)
			hm_log(cx, v->verified ? HM_LOG_INFO : HM_LOG_WARN, "signature is not good",
			       "signature", hm_dupz(cx, s->file.n ? s->file : s->descriptor.digest),
			       "why", hm_dupz(cx, s->why), NULL);
		for (size_t k = 0; k < TRUST_CHECKS && s->good; k++)
			if (!s->results[k].good && s->results[k].action == TRUST_LOG)
				hm_log(cx, HM_LOG_WARN,
				       "a check failed that the trust policy only logs", "check",
				       trust_check_names[k], "why", hm_dupz(cx, s->results[k].why),
				       NULL);
	}
}

void cli_verdict_say(struct hm_cx *cx, struct cli *cli, const struct trust_verdict *v,
		     struct hm_str name)
{
	warn_of_checks(cx, v);
	if (!v->verified) {
		struct hm_str said =
			hm_fmt(cx, "signature verification failed for %.*s", HM_FMT(name));
		hm_log(cx, HM_LOG_ERROR, said.p, "why", hm_dupz(cx, v->why), NULL);
	}
	cli->answer_no = !v->verified;
}
