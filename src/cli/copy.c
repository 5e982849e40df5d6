/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ship.h"

/* What is said about one of the two alone. */
struct copy_end {
	bool layout, plain, password_stdin, identity_token_stdin;
	const char *username, *password, *identity_token, *spec;
	struct hm_strs registry_config;
};

struct copy {
	bool recursive;
	uint64_t concurrency;
	struct copy_end from, to;
	const char *platform;
	struct hm_strs output;
	const char *template;
};

/* How one end is reached, and its secrets. */
struct opened {
	struct oci_target target;
	struct oci_access access;
	struct hm_secret password, identity_token;
	struct oci_place *place;
	bool tag; /* the referrers API is not to be used */
};

static void opened_done(struct opened *e)
{
	oci_close_ptr(&e->place);
	hm_secret_done(&e->password);
	hm_secret_done(&e->identity_token);
}

static bool has_identity_token(const struct copy_end *e)
{
	return e->identity_token || e->identity_token_stdin;
}

static bool has_secret(const struct copy_end *e)
{
	return e->username || e->password || e->password_stdin || has_identity_token(e);
}

/* One standard input gives one secret. */
static hm_err check_secrets(struct hm_cx *cx, const struct cli *cli, const struct copy *o)
{
	static const char *const names[] = { "from", "to" };
	const struct copy_end *ends[] = { &o->from, &o->to };
	if (cli->password_stdin + cli->identity_token_stdin + o->from.password_stdin +
		    o->from.identity_token_stdin + o->to.password_stdin +
		    o->to.identity_token_stdin >
	    1)
		return hm_fail(cx, HM_USAGE,
			       "standard input gives one secret, and two are to be read from it");
	for (size_t i = 0; i < HM_LEN(ends); i++) {
		bool password = ends[i]->password || ends[i]->password_stdin;
		if (ends[i]->password && ends[i]->password_stdin)
			return hm_fail(
				cx, HM_USAGE,
				"--%s-password and --%s-password-stdin cannot be used together",
				names[i], names[i]);
		if (ends[i]->identity_token && ends[i]->identity_token_stdin)
			return hm_fail(
				cx, HM_USAGE,
				"--%s-identity-token and --%s-identity-token-stdin cannot be used together",
				names[i], names[i]);
		if (has_identity_token(ends[i]) && (ends[i]->username || password))
			return hm_fail(
				cx, HM_USAGE,
				"--%s-identity-token cannot be used with a user name or password",
				names[i]);
		if (ends[i]->username && !password)
			return hm_fail(cx, HM_USAGE, "--%s-username needs --%s-password", names[i],
				       names[i]);
	}
	return NULL;
}

/* The one registry that gets what is said about this end, or about the command. */
static hm_err bind_secret(struct hm_cx *cx, struct cli *cli, const struct copy_end *o,
			  const struct oci_target *t)
{
	if (has_secret(o) && t->kind != OCI_REGISTRY)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a registry, and takes no password",
			       HM_FMT(t->text));
	hm_err err = has_secret(o) ? NULL : cli_secret_for(cx, cli, t);
	return err ? hm_hint(cx, err,
			     "--from-username and --from-password, --to-username and --to-password")
		   : NULL;
}

static hm_err take_secrets(struct hm_cx *cx, const struct copy_end *o, struct opened *e)
{
	if (!has_secret(o))
		return NULL;
	if (o->password)
		e->password = cli_take_secret(o->password);
	else if (o->password_stdin)
		HM_TRY(cli_read_secret(cx, "password", &e->password));
	if (o->identity_token)
		e->identity_token = cli_take_secret(o->identity_token);
	else if (o->identity_token_stdin)
		HM_TRY(cli_read_secret(cx, "identity token", &e->identity_token));
	e->access.headers = NULL; /* --header is for the one that has no secrets of its own */
	e->access.headers_n = 0;
	e->access.given_for = e->target.registry;
	e->access.username = o->username;
	e->access.password = o->password || o->password_stdin ? &e->password : NULL;
	e->access.identity_token = has_identity_token(o) ? &e->identity_token : NULL;
	return NULL;
}

/* One of two registries may be without TLS. */
static hm_err open_end(struct hm_cx *cx, struct cli *cli, const struct copy_end *o,
		       enum oci_mode mode, struct opened *e)
{
	const struct oci_access *access = NULL;
	if (e->target.kind == OCI_REGISTRY)
		HM_TRY(cli_access(cx, cli, &access));
	if (access)
		e->access = *access;
	e->access.plain_http = e->access.plain_http || o->plain;
	e->access.concurrency = cli->access.concurrency;
	e->access.referrers_tag = e->tag;
	if (o->registry_config.n)
		e->access.config_files = o->registry_config;
	HM_TRY(take_secrets(cx, o, e));
	return oci_open(cx, &e->access, &e->target, mode, &e->place);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct copy *o = opts;
	struct oci_descriptor d;
	struct hm_strs tags = { 0 };
	HM_CLEANUP(opened_done) struct opened from = { 0 };
	HM_CLEANUP(opened_done) struct opened to = { 0 };
	(void)args_n;
	struct ship_answer answer = { .layout = o->to.layout };
	HM_TRY(cli_ship_check(cx, cli, &o->output, o->template, &answer));
	HM_TRY(cli_ship_concurrency(cx, cli, o->concurrency));
	HM_TRY(cli_ship_spec(cx, "from-distribution-spec", o->from.spec, &from.tag));
	HM_TRY(cli_ship_spec(cx, "to-distribution-spec", o->to.spec, &to.tag));
	HM_TRY(check_secrets(cx, cli, o));
	const char *source = cli_ship_text(cx, args[0], o->from.layout);
	const char *dest = cli_ship_tags(cx, cli_ship_text(cx, args[1], o->to.layout), &tags);
	HM_TRY(oci_target_parse(cx, hm_cstr(source), &from.target));
	HM_TRY(oci_target_parse(cx, hm_cstr(dest), &to.target));
	HM_TRY(bind_secret(cx, cli, &o->from, &from.target));
	HM_TRY(bind_secret(cx, cli, &o->to, &to.target));
	HM_TRY(open_end(cx, cli, &o->from, OCI_READ, &from));
	HM_TRY(open_end(cx, cli, &o->to, OCI_WRITE, &to));
	HM_TRY(cli_ship_resolve(cx, from.place, o->platform, &d));
	if (to.target.digest.n && !hm_eq(to.target.digest, d.digest))
		return hm_fail(cx, HM_USAGE, "\"%s\" has digest \"%.*s\", not the destination's",
			       args[0], HM_FMT(d.digest));
	struct oci_copy_options options = { .tag = to.target.tag,
					    .referrers = o->recursive,
					    .bar = hm_progress_start("copying", 0) };
	hm_err err = oci_copy(cx, from.place, &d, to.place, &options);
	hm_progress_end(options.bar);
	HM_TRY_IN(cx, err, "copy \"%s\" to \"%s\"", args[0], args[1]);
	HM_TRY(cli_ship_tag(cx, to.place, &d, &tags));
	return cli_ship_tell(cx, cli, &answer, &to.target, &d);
}

extern const struct cli_command cli_copy;
const struct cli_command cli_copy = {
	.name = "copy",
	.group = "Shipping",
	.alias = "cp",
	.args = "SOURCE DESTINATION[:TAG,TAG...]",
	.help = "copy an image or artifact between registries, layouts and archives",
	.about =
		"Copies everything below the source, and with --recursive everything that refers to it:\n"
		"signatures, SBOMs, reports, attestations, those of Cosign's older tags (.sig, .att, .sbom) too. What the destination already holds is not sent\n"
		"again, so that an interrupted copy is finished by the same command. Every digest is\n"
		"verified on the way; the manifest comes last.\n"
		"\n"
		"--plain-http is about both ends; where only one registry is without TLS, --from-plain-http or\n"
		"--to-plain-http names it. --username and --password are for one registry: where both ends are\n"
		"registries, each has its own, --from-username, --to-username and so on; a password without a\n"
		"user name is an identity token. What login has kept is found by itself. The JSON (hullmark.copy/1) has \"reference\", \"mediaType\", \"digest\",\n"
		"\"size\" and \"artifactType\" of what was copied.",
	.examples = "  $ hullmark copy registry.example.com/shop/web:1 oci:mirror:1 --recursive\n"
		    "  $ hullmark copy docker-archive:web.tar registry.example.com/shop/web:1",
	.formats = CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct copy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_SHIP_CONCURRENCY(copy, concurrency),
		CLI_OPT(copy, from.spec, "from-distribution-spec", CLI_TEXT, 0,
			"v1.1-referrers-api|-tag",
			"v1.1-referrers-tag: read the source's referrers from the fallback tag"),
		CLI_OPT(copy, from.identity_token, "from-identity-token", CLI_TEXT, 0, "TOKEN",
			"identity token for the source; --from-identity-token-stdin is safer"),
		CLI_OPT(copy, from.identity_token_stdin, "from-identity-token-stdin", CLI_FLAG, 0, NULL,
			"read the source's identity token from standard input"),
		CLI_OPT(copy, from.layout, "from-oci-layout", CLI_FLAG, 0, NULL,
			"the source is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(copy, from.password, "from-password", CLI_TEXT, 0, "TEXT",
			"password for the source; --from-password-stdin is safer"),
		CLI_OPT(copy, from.password_stdin, "from-password-stdin", CLI_FLAG, 0, NULL,
			"read the source's password from standard input"),
		CLI_OPT(copy, from.plain, "from-plain-http", CLI_FLAG, 0, NULL,
			"talk HTTP without TLS to the source"),
		CLI_OPT(copy, from.registry_config, "from-registry-config", CLI_LIST, 0, "FILE",
			"credentials for the source, instead of --registry-config"),
		CLI_OPT(copy, from.username, "from-username", CLI_TEXT, 0, "NAME",
			"user name for the source"),
		CLI_OUTPUT(copy, output),
		CLI_OPT(copy, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"only the image of one platform"),
		CLI_OPT(copy, recursive, "recursive", CLI_FLAG, 'r', NULL,
			"with all that refers to it"),
		CLI_TEMPLATE(copy, template),
		CLI_OPT(copy, to.spec, "to-distribution-spec", CLI_TEXT, 0, "v1.1-referrers-api|-tag",
			"v1.1-referrers-tag: keep the destination's referrers under the fallback tag"),
		CLI_OPT(copy, to.identity_token, "to-identity-token", CLI_TEXT, 0, "TOKEN",
			"identity token for the destination; --to-identity-token-stdin is safer"),
		CLI_OPT(copy, to.identity_token_stdin, "to-identity-token-stdin", CLI_FLAG, 0, NULL,
			"read the destination's identity token from standard input"),
		CLI_OPT(copy, to.layout, "to-oci-layout", CLI_FLAG, 0, NULL,
			"the destination is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(copy, to.password, "to-password", CLI_TEXT, 0, "TEXT",
			"password for the destination; --to-password-stdin is safer"),
		CLI_OPT(copy, to.password_stdin, "to-password-stdin", CLI_FLAG, 0, NULL,
			"read the destination's password from standard input"),
		CLI_OPT(copy, to.plain, "to-plain-http", CLI_FLAG, 0, NULL,
			"talk HTTP without TLS to the destination"),
		CLI_OPT(copy, to.registry_config, "to-registry-config", CLI_LIST, 0, "FILE",
			"credentials for the destination, instead of --registry-config"),
		CLI_OPT(copy, to.username, "to-username", CLI_TEXT, 0, "NAME",
			"user name for the destination"),
		{ 0 },
	},
	/* clang-format on */
	.least = 2,
	.most = 2,
	.run = run,
};
