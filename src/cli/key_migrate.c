/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signer.h"
#include "cli/timestamping.h"

struct migrate {
	const char *from, *to;
	bool referrers_tag;
	struct cli_timestamping timestamping;
	struct hm_strs output;
};

/* What the command answers. */
struct migrate_answer {
	const struct migrate *o;
	struct hm_str target;
	const struct trust_migrated_list *list;
	size_t counts[TRUST_MIGRATION_STATES];
};

static void describe_migration(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct migrate_answer *a = data;
	(void)cx;
	json_put_str(o, "target", a->target);
	json_putz(o, "from", a->o->from);
	json_putz(o, "to", a->o->to);
	json_put_int(o, "manifests", (int64_t)a->list->looked_at);
	json_put_bool(o, "onlyTags", a->list->only_tags);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->list->n; i++) {
		const struct trust_migrated *m = &a->list->p[i];
		json_open(o, NULL, '{');
		json_putz(o, "state", trust_migration_names[m->state]);
		json_put_str(o, "subject", m->subject.digest);
		json_put_str(o, "mediaType", m->subject.media_type);
		json_put_given(o, "artifactType", m->subject.artifact_type);
		json_put_given(o, "old", m->old);
		json_put_given(o, "new", m->signature);
		json_put_given(o, "why", m->why);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_migration(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			      struct hm_buf *out)
{
	static const char *const columns[] = { "STATE", "SUBJECT", "WHAT" };
	const struct migrate_answer *a = data;
	struct cli_table t = { .columns = columns, .columns_n = 3 };
	(void)format;
	for (size_t i = 0; i < a->list->n; i++) {
		const struct trust_migrated *m = &a->list->p[i];
		struct hm_str type = m->subject.artifact_type.n ? m->subject.artifact_type
								: m->subject.media_type;
		*hm_push(cx, &t.cells) = hm_cstr(trust_migration_names[m->state]);
		*hm_push(cx, &t.cells) = m->subject.digest;
		*hm_push(cx, &t.cells) =
			m->why.n ? hm_fmt(cx, "%.*s: %.*s", HM_FMT(type), HM_FMT(m->why)) : type;
	}
	if (a->list->n)
		cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu manifests; ", a->list->looked_at);
	for (size_t i = 0; i < TRUST_MIGRATION_STATES; i++)
		hm_buf_fmt(out, "%s%zu %s", i ? ", " : "", a->counts[i], trust_migration_names[i]);
	hm_buf_char(out, '\n');
	if (a->list->only_tags)
		hm_buf_fmt(out, "A registry lists its tags alone: what no tag leads to was not "
				"looked at. Name it by its digest.\n");
	return NULL;
}

static const struct cli_answer migrate_answer = {
	.schema = "hullmark.key-migrate/1",
	.describe = describe_migration,
	.write = write_migration,
};

static hm_err open_place(struct hm_cx *cx, struct cli *cli, const char *text,
			 struct oci_target *out_target, struct oci_place **out)
{
	const struct oci_access *access;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), out_target));
	HM_TRY(cli_secret_for(cx, cli, out_target));
	HM_TRY(cli_access(cx, cli, &access));
	return oci_open(cx, access, out_target, OCI_WRITE, out);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct migrate *o = opts;
	CRYPTO_AUTO_CHAIN old = { 0 };
	TRUST_AUTO_SIGNER signer = { 0 };
	CLI_AUTO_TIMESTAMPING timestamping = { 0 };
	OCI_AUTO_PLACE place = NULL;
	struct cli_outputs outputs;
	struct http_config http;
	struct trust_signer_terms terms;
	struct oci_target target;
	struct trust_migrated_list list = { 0 };
	struct migrate_answer answer = { .o = o, .target = hm_cstr(args[0]), .list = &list };
	(void)args_n;
	if (!o->from || !o->to)
		return hm_fail(cx, HM_USAGE, "--from and --to are needed");
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_timestamping_read(cx, &o->timestamping, &timestamping));
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	HM_TRY(trust_key_chain(cx, cli->config_dir, hm_cstr(o->from), &terms, &old));
	HM_TRY(cli_refuse(cli,
			  trust_signer_open(cx, cli->config_dir, hm_cstr(o->to), &terms, &signer)));
	cli->access.referrers_tag = o->referrers_tag;
	HM_TRY(open_place(cx, cli, args[0], &target, &place));
	HM_TRY(cli_refuse(cli, trust_policy_signs(cx, cli->config_dir, &target,
						  &(struct trust_signers){ &signer, 1 })));
	timestamping.http = cli->access.http;
	struct trust_migration m = { .old = &old,
				     .signer = &signer,
				     .timestamping = &timestamping };
	HM_TRY_IN(cx, cli_refuse(cli, trust_migrate(cx, place, &target, &m, &list)), "\"%s\"",
		  args[0]);
	for (size_t i = 0; i < list.n; i++)
		answer.counts[list.p[i].state]++;
	HM_TRY(cli_answer_write(cx, &outputs, &migrate_answer, &answer));
	if (answer.counts[TRUST_MIGRATION_FAILED])
		return hm_fail(cx, HM_BUSY, "%zu signatures could not be made again; try later",
			       answer.counts[TRUST_MIGRATION_FAILED]);
	cli->answer_no = answer.counts[TRUST_MIGRATION_REFUSED] > 0;
	return NULL;
}

extern const struct cli_command cli_key_migrate;
const struct cli_command cli_key_migrate = {
	.name = "key migrate",
	.group = "Trust",
	.args = "REPOSITORY",
	.help = "sign again, with a new key, all that an old key signed",
	.about =
		"Looks at everything that the tags of REPOSITORY (in a registry, or oci:DIR) lead to: images,\n"
		"the platforms of indexes, SBOMs, reports and whatever else is attached, and what a tagged\n"
		"artifact is attached to. In a layout, what is listed there without a tag, and its subjects, too;\n"
		"a registry lists its tags alone, and the answer says so. Where a good signature\n"
		"is by the key --from, or by another certificate of that key, --to signs the same thing with the\n"
		"same metadata and the same time of expiry, unless it has done so already: the command may be\n"
		"run again at any time. Of the old key only the certificate is needed. With a tag or digest in\n"
		"REPOSITORY only what that leads to is looked at: an untagged image is named by its digest. Of the\n"
		"embedded registry (`serve`), oci:DATA/repos/NAME is a layout that has untagged ones as well.\n"
		"\n"
		"What cannot be signed again is listed with the reason. Exit status 3: an old signature is\n"
		"expired or not good; 1: something could not be read or stored, and may be later.\n"
		"\n"
		"The JSON (hullmark.key-migrate/1) has \"target\", \"from\", \"to\", \"manifests\" (how many were looked\n"
		"at), \"onlyTags\" (true: a registry, where what no tag leads to was not looked at) and \"signatures\":\n"
		"\"state\" (\"signed\", \"there already\", \"refused\" or \"failed\"), \"subject\", \"mediaType\",\n"
		"\"artifactType\", \"old\" and \"new\", the digests of the two signatures, and \"why\".",
	.examples =
		"  $ hullmark key migrate registry.example.com/shop/web --from release --to release-pq\n"
		"  $ hullmark key migrate oci:build/web --from 2025 --to 2026 -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct migrate),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(migrate, referrers_tag, "force-referrers-tag", CLI_FLAG, 0, NULL, "keep the list of signatures under the fallback tag, whatever the registry can"),
		CLI_OPT(migrate, from, "from", CLI_TEXT, 0, "NAME", "the old key"),
		CLI_OUTPUT(migrate, output),
		CLI_TIMESTAMP_ROOT(migrate, timestamping),
		CLI_TIMESTAMP_TIMEOUT(migrate, timestamping),
		CLI_TIMESTAMP_URL(migrate, timestamping),
		CLI_OPT(migrate, to, "to", CLI_TEXT, 0, "NAME", "the new key"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
