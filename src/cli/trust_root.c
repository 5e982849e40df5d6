/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trust_root.h"

#include <stdlib.h>

#include "base/clock.h"

#define PUBLIC_GOOD    "public-good"
#define STAGING        "staging"
#define PUBLIC_MIRROR  "https://tuf-repo-cdn.sigstore.dev"
#define STAGING_MIRROR "https://tuf-repo-cdn.sigstage.dev"

struct trust_root {
	const char *store, *mirror, *root, *checksum;
	uint64_t timeout;
	bool staging;
	struct hm_strs output;
};

/* --- what is told --- */

struct told {
	struct tuf_status *stores;
	size_t n;
	int64_t now;
};

static void describe_metadata(struct hm_cx *cx, const struct tuf_status *st, struct json_out *o)
{
	json_open(o, "metadata", '{');
	for (size_t i = 0; i < TUF_ROLES; i++) {
		json_open(o, trust_tuf_role_names[i], '{');
		json_put_int(o, "version", (int64_t)st->versions[i]);
		json_put_str(o, "expires", hm_rfc3339(cx, st->expires[i]));
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct told *t = data;
	json_open(o, "stores", '[');
	for (size_t i = 0; i < t->n; i++) {
		const struct tuf_status *st = &t->stores[i];
		json_open(o, NULL, '{');
		json_put_str(o, "store", st->name);
		json_put_given(o, "mirror", st->mirror);
		json_put_str(o, "updated", hm_rfc3339(cx, st->updated));
		json_put_int(o, "ageSeconds", t->now - st->updated);
		if (st->by_tuf) {
			json_put_bool(o, "expired", t->now >= st->expires[TUF_TIMESTAMP]);
			describe_metadata(cx, st, o);
		}
		json_put_strs(o, "targets", &st->targets);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "STORE",   "ROOT",    "TIMESTAMP", "EXPIRES",
					       "UPDATED", "TARGETS", "MIRROR" };
	const struct told *t = data;
	struct cli_table table = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < t->n; i++) {
		const struct tuf_status *st = &t->stores[i];
		struct hm_str none = HM_STR("-");
		unsigned long long root = st->versions[TUF_ROOT],
				   stamp = st->versions[TUF_TIMESTAMP];
		*hm_push(cx, &table.cells) = st->name;
		*hm_push(cx, &table.cells) = st->by_tuf ? hm_fmt(cx, "%llu", root) : none;
		*hm_push(cx, &table.cells) = st->by_tuf ? hm_fmt(cx, "%llu", stamp) : none;
		*hm_push(cx, &table.cells) =
			st->by_tuf ? hm_rfc3339(cx, st->expires[TUF_TIMESTAMP]) : none;
		*hm_push(cx, &table.cells) = hm_rfc3339(cx, st->updated);
		*hm_push(cx, &table.cells) = hm_fmt(cx, "%zu", st->targets.n);
		*hm_push(cx, &table.cells) = st->by_tuf ? st->mirror : none;
	}
	cli_table_format(cx, &table, out);
	return NULL;
}

#define ANSWER(verb)                                                              \
	{                                                                         \
		.schema = "hullmark.trust-root-" verb "/1", .describe = describe, \
		.write = write_table                                              \
	}
static const struct cli_answer init_answer = ANSWER("init"), show_answer = ANSWER("show"),
			       update_answer = ANSWER("update");

/* Of these stores. */
static hm_err tell(struct hm_cx *cx, const struct cli *cli, const struct cli_answer *answer,
		   const struct hm_strs *names, const struct cli_outputs *outputs)
{
	struct told t = { hm_new(cx, struct tuf_status, names->n + 1), names->n, hm_now() };
	for (size_t i = 0; i < names->n; i++)
		HM_TRY_IN(cx, trust_tuf_status(cx, cli->config_dir, names->p[i], &t.stores[i]),
			  "trust store \"sigstore:%.*s\"", HM_FMT(names->p[i]));
	return cli_answer_write(cx, outputs, answer, &t);
}

/* --- init --- */

/* What came from the mirror and is not to be believed, malformed or endless, is refused. */
static hm_err refuse(struct cli *cli, hm_err err)
{
	cli->refused =
		err && (err->code == HM_TRUST || err->code == HM_INPUT || err->code == HM_LIMIT);
	return err;
}

/* Whoever asks a mirror does not wait for it for ever. */
static hm_err get_http(struct hm_cx *cx, struct cli *cli, const struct trust_root *o,
		       struct http_client **out)
{
	const struct oci_access *access;
	*out = NULL;
	if (o->timeout > HM_MAX_TUF_SECONDS)
		return hm_fail(cx, HM_USAGE, "--timeout: %llu seconds at the most",
			       (unsigned long long)HM_MAX_TUF_SECONDS);
	if (o->timeout)
		cx->deadline = hm_mono() + (int64_t)o->timeout * HM_SECOND;
	if (cli->offline)
		return NULL;
	HM_TRY(cli_access(cx, cli, &access));
	*out = access->http;
	return NULL;
}

static hm_err fetch_root(struct hm_cx *cx, const struct trust_root *o, struct http_client *http,
			 struct hm_str *out)
{
	struct http_response got;
	struct http_request r = { .method = "GET",
				  .url = hm_cstr(o->root),
				  .max_body = HM_MAX_TUF_ROOT };
	if (!o->checksum)
		return hm_fail(cx, HM_USAGE,
			       "--root-checksum is needed for a root that comes from a URL");
	if (!http)
		return hm_fail(cx, HM_DENIED, "--offline forbids network use");
	HM_TRY_IN(cx, http_send(cx, http, &r, &got), "\"%s\"", o->root);
	if (got.status != 200)
		return hm_fail(cx, HM_ABSENT, "\"%s\": the server answered with status %d", o->root,
			       got.status);
	*out = got.body;
	return NULL;
}

static hm_err read_root(struct hm_cx *cx, struct cli *cli, const struct trust_root *o,
			struct http_client *http, struct hm_str *out)
{
	if (!o->root)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "--root is needed: the root to start from"),
			       "get root.json from whoever runs the repository, on a way that "
			       "you trust");
	if (hm_find(hm_cstr(o->root), HM_STR("://")) != SIZE_MAX)
		HM_TRY(fetch_root(cx, o, http, out));
	else
		HM_TRY(hm_read_file(cx, o->root, HM_MAX_TUF_ROOT, out));
	if (!o->checksum)
		return NULL;
	struct hm_str want = hm_lower(cx, hm_cstr(o->checksum));
	if (hm_starts(want, HM_STR("sha256:")))
		want = hm_from(want, 7);
	if (hm_eq(want, hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, *out))))
		return NULL;
	cli->refused = true;
	return hm_fail(cx, HM_TRUST, "\"%s\" has another SHA-256 than --root-checksum says",
		       o->root);
}

static hm_err find_mirror(struct hm_cx *cx, const struct trust_root *o, struct hm_str *out)
{
	const char *given = o->mirror ? o->mirror : o->staging ? STAGING_MIRROR : PUBLIC_MIRROR;
	*out = hm_cstr(given);
	if (hm_find(*out, HM_STR("://")) != SIZE_MAX)
		return NULL;
	char *real = realpath(given, NULL);
	if (!real)
		return hm_fail_os(cx, "--mirror \"%s\"", given);
	*out = hm_dup(cx, hm_cstr(real));
	free(real); /* lint: library memory */
	return NULL;
}

struct hm_str cli_sigstore_store(const char *name, bool staging)
{
	return hm_cstr(name ? name : staging ? STAGING : PUBLIC_GOOD);
}

static struct hm_str find_store(const struct trust_root *o)
{
	return cli_sigstore_store(o->store, o->staging);
}

static hm_err init(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		   size_t args_n)
{
	const struct trust_root *o = opts;
	struct tuf_mirror mirror;
	struct cli_outputs outputs;
	struct hm_str root;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(find_mirror(cx, o, &mirror.url));
	HM_TRY(get_http(cx, cli, o, &mirror.http));
	HM_TRY(read_root(cx, cli, o, mirror.http, &root));
	HM_TRY(refuse(cli,
		      trust_tuf_init(cx, cli->config_dir, find_store(o), &mirror, root, hm_now())));
	struct hm_str name = find_store(o);
	struct hm_strs one = { &name, 1, 1 };
	return tell(cx, cli, &init_answer, &one, &outputs);
}

/* --- update, show --- */

/* Without --store all that TUF keeps current. */
static hm_err find_updatable(struct hm_cx *cx, const struct cli *cli, const struct trust_root *o,
			     struct hm_strs *out)
{
	struct hm_strs all = { 0 };
	if (o->store || o->staging) {
		*hm_push(cx, out) = find_store(o);
		return NULL;
	}
	HM_TRY(trust_tuf_list(cx, cli->config_dir, &all));
	for (size_t i = 0; i < all.n; i++) {
		struct tuf_status st;
		HM_TRY(trust_tuf_status(cx, cli->config_dir, all.p[i], &st));
		if (st.by_tuf)
			*hm_push(cx, out) = all.p[i];
	}
	if (out->n)
		return NULL;
	return hm_hint(cx, hm_fail(cx, HM_ABSENT, "no trust store is kept current by TUF"),
		       "make one: hullmark trust-root init --root root.json");
}

static hm_err update(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		     size_t args_n)
{
	const struct trust_root *o = opts;
	struct http_client *http;
	struct cli_outputs outputs;
	struct hm_strs names = { 0 };
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(find_updatable(cx, cli, o, &names));
	HM_TRY(get_http(cx, cli, o, &http));
	for (size_t i = 0; i < names.n; i++)
		HM_TRY_IN(cx,
			  refuse(cli,
				 trust_tuf_update(cx, cli->config_dir, names.p[i], http, hm_now())),
			  "trust store \"sigstore:%.*s\"", HM_FMT(names.p[i]));
	return tell(cx, cli, &update_answer, &names, &outputs);
}

static hm_err show(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		   size_t args_n)
{
	const struct trust_root *o = opts;
	struct cli_outputs outputs;
	struct hm_strs names = { 0 };
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (o->store || o->staging)
		*hm_push(cx, &names) = find_store(o);
	else
		HM_TRY(trust_tuf_list(cx, cli->config_dir, &names));
	return tell(cx, cli, &show_answer, &names, &outputs);
}

/* --- for the commands that verify --- */

hm_err cli_freshen_store(struct hm_cx *cx, struct cli *cli, struct hm_str name, int64_t max_age,
			 struct tuf_status *out)
{
	static const struct trust_root none;
	struct tuf_terms terms = { .now = hm_now(), .max_age = max_age };
	hm_err err = trust_tuf_freshen(cx, cli->config_dir, name, &terms, out);
	if (err && err->code == HM_TRUST && !cli->offline) {
		HM_TRY(get_http(cx, cli, &none, &terms.http));
		err = trust_tuf_freshen(cx, cli->config_dir, name, &terms, out);
	}
	return refuse(cli, err);
}

hm_err cli_freshen_policy(struct hm_cx *cx, struct cli *cli, struct hm_str scope)
{
	static const struct trust_root none;
	struct hm_strs stale = { 0 };
	struct http_client *http;
	if (cli->offline)
		return NULL;
	HM_TRY(trust_policy_stale(cx, cli->config_dir, scope, hm_now(), &stale));
	if (!stale.n)
		return NULL;
	HM_TRY(get_http(cx, cli, &none, &http));
	for (size_t i = 0; i < stale.n; i++)
		HM_TRY_IN(cx,
			  refuse(cli,
				 trust_tuf_update(cx, cli->config_dir, stale.p[i], http, hm_now())),
			  "trust store \"sigstore:%.*s\"", HM_FMT(stale.p[i]));
	return NULL;
}

void cli_freshen_for(struct hm_cx *cx, struct cli *cli, struct hm_str scope)
{
	hm_err err = cli_freshen_policy(cx, cli, scope);
	cli->refused = false;
	if (err)
		hm_log(cx, HM_LOG_WARN, "trust data could not be brought up to date", "why",
		       err->why, NULL);
}

void cli_put_store_age(struct hm_cx *cx, const struct tuf_status *st, struct json_out *o)
{
	json_open(o, "trustData", '{');
	json_put_str(o, "store", st->name);
	json_put_str(o, "updated", hm_rfc3339(cx, st->updated));
	json_put_int(o, "ageSeconds", hm_now() - st->updated);
	if (st->by_tuf)
		json_put_str(o, "expires", hm_rfc3339(cx, st->expires[TUF_TIMESTAMP]));
	json_close(o, '}');
}

struct hm_str cli_say_store_age(struct hm_cx *cx, const struct tuf_status *st)
{
	return hm_fmt(cx, "sigstore:%.*s, as it was on %.*s", HM_FMT(st->name),
		      HM_FMT(hm_rfc3339(cx, st->updated)));
}

/* clang-format off */
#define STAGING_OPT CLI_OPT(trust_root, staging, "staging", CLI_FLAG, 0, NULL, "Sigstore's instance for tests: store " STAGING)
#define TIMEOUT_OPT CLI_OPT(trust_root, timeout, "timeout", CLI_NUMBER, 0, "SECONDS", "how long to wait for the repository (default, and most: 120)")
#define STORE_OPT(help) CLI_OPT(trust_root, store, "store", CLI_TEXT, 's', "NAME", help)
/* clang-format on */

extern const struct cli_command cli_trust_root_init, cli_trust_root_show, cli_trust_root_update;

const struct cli_command cli_trust_root_init = {
	.name = "trust-root init",
	.alias = "initialize",
	.group = "Trust",
	.args = "",
	.help = "make a trust store of Sigstore that a TUF repository keeps current",
	.about =
		"Starts from a TUF root that you believe, follows the repository's roots one by one to the\n"
		"newest, and keeps its trusted_root.json (and signing_config.json) as trust store sigstore:NAME.\n"
		"A store of that name that is there already is replaced, once all of the new one is good. Exit\n"
		"status 3: the repository is not to be believed, and why.\n"
		"\n"
		"The mirror is a URL, or, for machines without a network, a folder. The JSON\n"
		"(hullmark.trust-root-init/1) is that of `hullmark trust-root show`.",
	.examples =
		"  $ hullmark trust-root init --root root.json\n"
		"  $ hullmark trust-root init --store acme --mirror https://tuf.acme.example --root 1.root.json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct trust_root),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(trust_root, mirror, "mirror", CLI_TEXT, 0, "URL", "the repository (default: Sigstore's public one)"),
		CLI_OUTPUT(trust_root, output),
		CLI_OPT(trust_root, root, "root", CLI_TEXT, 0, "FILE", "the root to start from; or a URL, with --root-checksum"),
		CLI_OPT(trust_root, checksum, "root-checksum", CLI_TEXT, 0, "SHA256", "the root must have this SHA-256"),
		STAGING_OPT,
		STORE_OPT("name of the trust store (default: " PUBLIC_GOOD ")"),
		TIMEOUT_OPT,
		{ 0 },
	},
	/* clang-format on */
	.run = init,
};

const struct cli_command cli_trust_root_show = {
	.name = "trust-root show",
	.group = "Trust",
	.args = "",
	.help = "show how current the trust stores of Sigstore are",
	.about =
		"The JSON (hullmark.trust-root-show/1) has \"stores\": each with \"store\", \"updated\" (when it was last\n"
		"seen to be current; of a store that TUF does not keep, the file's time), \"ageSeconds\", and\n"
		"\"targets\", the files; of those that TUF keeps also \"mirror\", \"expired\", and \"metadata\": of\n"
		"\"root\", \"timestamp\", \"snapshot\" and \"targets\" each \"version\" and \"expires\".",
	.examples = "  $ hullmark trust-root show\n"
		    "  $ hullmark trust-root show --store public-good -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct trust_root),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(trust_root, output),
		STAGING_OPT,
		STORE_OPT("only this trust store"),
		{ 0 },
	},
	/* clang-format on */
	.run = show,
};

const struct cli_command cli_trust_root_update = {
	.name = "trust-root update",
	.group = "Trust",
	.args = "",
	.help = "bring trust stores of Sigstore up to date",
	.about =
		"Asks the TUF repository of a store for newer metadata, in the order of the specification: roots,\n"
		"timestamp, snapshot, targets. What is older than what was believed before, has expired, or\n"
		"is not signed by enough keys is refused (exit status 3), and the store stays as it was.\n"
		"Verification does the same by itself once the timestamp has expired.\n"
		"\n"
		"The JSON (hullmark.trust-root-update/1) is that of `hullmark trust-root show`.",
	.examples = "  $ hullmark trust-root update --store public-good",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct trust_root),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(trust_root, output),
		STAGING_OPT,
		STORE_OPT("only this trust store (default: all that TUF keeps)"),
		TIMEOUT_OPT,
		{ 0 },
	},
	/* clang-format on */
	.run = update,
};
