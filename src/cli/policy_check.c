/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with the trust policy, what is probably a mistake, and which certificates expire.
 */
#include "cli/cli.h"
#include "trust/trust.h"

struct check {
	const char *file, *within;
	struct hm_strs output;
};

/* Something that stops signatures from being made or believed. */
struct ending {
	const char *what; /* "trust store", "signing key" */
	struct hm_str name, subject, statements;
	int64_t when; /* it ends */
	bool is_over;
};

struct report {
	struct hm_str path;
	struct hm_strs warnings, faults;
	struct {
		struct ending *p;
		size_t n, cap;
	} endings;
	int64_t now, until;
};

/* The statements that name a store. */
static struct hm_str list_users(struct hm_cx *cx, const struct trust_terms *t, size_t n,
				struct hm_str store)
{
	struct hm_str all = HM_STR("");
	for (size_t i = 0; i < n; i++)
		if (hm_strs_has(&t[i].stores, store))
			all = hm_say(cx, "%.*s%s%.*s", HM_FMT(all), all.n ? ", " : "",
				     HM_FMT(t[i].name));
	return all;
}

/* The certificates of a chain that end before r->until. */
static hm_err add_chain(struct hm_cx *cx, struct report *r, const struct ending *like,
			const struct crypto_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, c, i, &info));
		if (info.not_after > r->until)
			continue;
		struct ending e = *like;
		e.subject = info.subject;
		e.when = info.not_after;
		e.is_over = info.not_after <= r->now;
		*hm_push(cx, &r->endings) = e;
	}
	return NULL;
}

static hm_err read_chain(struct hm_cx *cx, struct hm_str path, struct crypto_chain *out)
{
	struct hm_str text;
	HM_TRY(hm_read_file(cx, hm_dupz(cx, path), HM_MAX_CERTIFICATE_FILE, &text));
	return crypto_chain_parse(cx, text, out);
}

static hm_err add_file(struct hm_cx *cx, struct report *r, const struct ending *like,
		       struct hm_str path)
{
	CRYPTO_AUTO_CHAIN c = { 0 };
	hm_err err = read_chain(cx, path, &c);
	if (!err)
		return add_chain(cx, r, like, &c);
	*hm_push(cx, &r->faults) = hm_say(cx, "%s \"%.*s\": \"%.*s\": %s", like->what,
					  HM_FMT(like->name), HM_FMT(path), err->why);
	return NULL;
}

static hm_err check_stores(struct hm_cx *cx, const struct cli *cli, const struct trust_terms *t,
			   size_t n, struct report *r)
{
	struct trust_certificate_file *files;
	size_t files_n;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < t[i].stores.n; k++) {
			hm_err err = trust_store_check(cx, cli->config_dir, t[i].stores.p[k]);
			if (err)
				*hm_push(cx, &r->faults) = hm_say(cx, "statement \"%.*s\": %s",
								  HM_FMT(t[i].name), err->why);
		}
	HM_TRY(trust_store_list(cx, cli->config_dir, &files, &files_n));
	for (size_t i = 0; i < files_n; i++) {
		struct ending e = { .what = "trust store" };
		e.name = hm_fmt(cx, "%s:%.*s", files[i].type, HM_FMT(files[i].store));
		e.statements = list_users(cx, t, n, e.name);
		if (e.statements.n)
			HM_TRY(add_file(cx, r, &e, files[i].path));
	}
	return NULL;
}

static hm_err check_keys(struct hm_cx *cx, const struct cli *cli, struct report *r)
{
	struct trust_key *keys;
	size_t n;
	HM_TRY(trust_keys_list(cx, cli->config_dir, &keys, &n));
	for (size_t i = 0; i < n; i++) {
		struct ending e = { .what = "signing key", .name = keys[i].name };
		if (keys[i].cert_path.n)
			HM_TRY(add_file(cx, r, &e, keys[i].cert_path));
	}
	return NULL;
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct report *r = data;
	json_put_str(o, "policy", r->path);
	json_put_strs(o, "faults", &r->faults);
	json_put_strs(o, "warnings", &r->warnings);
	json_put_str(o, "until", hm_rfc3339(cx, r->until));
	json_open(o, "endings", '[');
	for (size_t i = 0; i < r->endings.n; i++) {
		const struct ending *e = &r->endings.p[i];
		json_open(o, NULL, '{');
		json_putz(o, "what", e->what);
		json_put_str(o, "name", e->name);
		json_put_str(o, "certificate", e->subject);
		json_put_str(o, "notAfter", hm_rfc3339(cx, e->when));
		json_put_bool(o, "over", e->is_over);
		json_put_given(o, "statements", e->statements);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "ENDS", "WHAT", "CERTIFICATE", "STATEMENTS" };
	const struct report *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->faults.n; i++)
		hm_buf_fmt(out, "error: %.*s\n", HM_FMT(r->faults.p[i]));
	for (size_t i = 0; i < r->warnings.n; i++)
		hm_buf_fmt(out, "warning: %.*s\n", HM_FMT(r->warnings.p[i]));
	for (size_t i = 0; i < r->endings.n; i++) {
		const struct ending *e = &r->endings.p[i];
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%.*s%s", HM_FMT(hm_rfc3339(cx, e->when)),
						e->is_over ? " (over)" : "");
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%s %.*s", e->what, HM_FMT(e->name));
		*hm_push(cx, &t.cells) = e->subject;
		*hm_push(cx, &t.cells) = e->statements;
	}
	if (r->endings.n)
		cli_table_format(cx, &t, out);
	else
		hm_buf_fmt(
			out,
			"no certificate that the policy or a signing key needs ends before %.*s\n",
			HM_FMT(hm_rfc3339(cx, r->until)));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.policy-check/1",
	.describe = describe,
	.write = write_table,
};

static hm_err read_text(struct hm_cx *cx, const struct cli *cli, const struct check *o,
			struct hm_str *out_text, struct hm_str *out_path)
{
	if (!o->file)
		return trust_policy_read(cx, cli->config_dir, out_text, out_path);
	*out_path = hm_cstr(o->file);
	return hm_read_file(cx, o->file, HM_MAX_POLICY, out_text);
}

static hm_err read_until(struct hm_cx *cx, const struct check *o, struct report *r)
{
	static const int64_t month = 30 * 86400;
	int64_t ns;
	r->now = hm_now();
	r->until = r->now + month;
	if (!o->within)
		return NULL;
	if (hm_duration(cx, hm_cstr(o->within), &ns) || ns < 0)
		return hm_fail(cx, HM_USAGE, "--within \"%s\" is not a duration, such as 720h",
			       o->within);
	r->until = r->now + ns / HM_SECOND;
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct check *o = opts;
	struct report r = { 0 };
	struct cli_outputs outputs;
	struct trust_terms *terms;
	struct hm_str text;
	size_t n;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(read_until(cx, o, &r));
	HM_TRY(read_text(cx, cli, o, &text, &r.path));
	HM_TRY_IN(cx, trust_policy_terms(cx, text, &terms, &n), "\"%.*s\"", HM_FMT(r.path));
	HM_TRY(trust_policy_warnings(cx, text, &r.warnings));
	HM_TRY(check_stores(cx, cli, terms, n, &r));
	HM_TRY(check_keys(cx, cli, &r));
	cli->answer_no = r.faults.n || r.endings.n;
	return cli_answer_write(cx, &outputs, &answer, &r);
}

extern const struct cli_command cli_policy_check;
const struct cli_command cli_policy_check = {
	.name = "policy check",
	.group = "Trust",
	.args = "",
	.help = "check the trust policy, and which certificates expire soon",
	.about =
		"Checks the trust policy that is in force, or FILE: its rules, the trust stores that it names,\n"
		"what is valid but probably a mistake, and which certificates of these stores and of the signing\n"
		"keys expire within the time that is given. Exit status 0: nothing is wrong, and nothing expires;\n"
		"3: something is, or does; 1: it is not a valid policy, or could not be read.\n"
		"\n"
		"The JSON (hullmark.policy-check/1) has \"policy\", \"faults\", \"warnings\", \"until\" and \"endings\":\n"
		"\"what\", \"name\", \"certificate\", \"notAfter\", \"over\", \"statements\" that name the store.",
	.examples = "  $ hullmark policy check --within 2160h\n"
		    "  $ hullmark policy check --file new.json -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct check),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(check, file, "file", CLI_TEXT, 0, "FILE", "this policy, not the one that is in force"),
		CLI_OUTPUT(check, output),
		CLI_OPT(check, within, "within", CLI_TEXT, 0, "DURATION", "list certificates that expire within this time; 720h if not given"),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
