/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cli/policy.h"

/* Is there a policy already? A broken one counts, too. */
static hm_err is_there(struct hm_cx *cx, const struct cli *cli, const struct cli_policy_kind *kind,
		       bool *out)
{
	struct hm_str text, path;
	hm_err err = kind->read(cx, cli->config_dir, &text, &path);
	*out = !err || err->code == HM_INPUT;
	return err && err->code != HM_ABSENT && err->code != HM_INPUT ? err : NULL;
}

/* Warns of what is valid but probably a mistake. */
static hm_err warn_of_policy(struct hm_cx *cx, const struct cli_policy_kind *kind,
			     struct hm_str text)
{
	struct hm_strs found = { 0 };
	if (kind->warnings)
		HM_TRY(kind->warnings(cx, text, &found));
	for (size_t i = 0; i < found.n; i++)
		hm_log(cx, HM_LOG_WARN, found.p[i].p, NULL);
	return NULL;
}

static hm_err write_policy(struct hm_cx *cx, struct cli *cli, const struct cli_policy_kind *kind,
			   struct hm_str text)
{
	struct hm_str path;
	HM_TRY(warn_of_policy(cx, kind, text));
	HM_TRY(cli_refuse(cli, kind->import(cx, cli->config_dir, text)));
	HM_TRY(kind->read(cx, cli->config_dir, &text, &path));
	return cli_print(cx, hm_fmt(cx, "the %s is now in %.*s\n", kind->what, HM_FMT(path)));
}

/* HM_USAGE: there is one, and it is not to be replaced. */
static hm_err check_absent(struct hm_cx *cx, const struct cli *cli,
			   const struct cli_policy_kind *kind)
{
	bool there;
	HM_TRY(is_there(cx, cli, kind, &there));
	if (there)
		return hm_fail(cx, HM_USAGE, "a %s exists already; --force replaces it",
			       kind->what);
	return NULL;
}

hm_err cli_policy_run_import(struct hm_cx *cx, struct cli *cli, const struct cli_policy_kind *kind,
			     const struct cli_policy *o, const char *file)
{
	struct hm_str text;
	bool there;
	HM_TRY(hm_read_file(cx, file, HM_MAX_POLICY, &text));
	HM_TRY_IN(cx, kind->check(cx, text), "\"%s\"", file);
	if (!o->force && isatty(STDIN_FILENO))
		HM_TRY(check_absent(cx, cli, kind));
	HM_TRY(is_there(cx, cli, kind, &there));
	if (there && !o->force) {
		struct hm_str said = hm_fmt(cx, "the %s that was there is replaced", kind->what);
		hm_log(cx, HM_LOG_WARN, said.p, NULL);
	}
	return write_policy(cx, cli, kind, text);
}

hm_err cli_policy_run_show(struct hm_cx *cx, const struct cli *cli,
			   const struct cli_policy_kind *kind)
{
	struct hm_str text, path;
	HM_TRY(kind->read(cx, cli->config_dir, &text, &path));
	HM_TRY(cli_print(cx, text));
	if (!hm_ends(text, HM_STR("\n")))
		HM_TRY(cli_print(cx, HM_STR("\n")));
	HM_TRY_IN(cx, kind->check(cx, text), "\"%.*s\" is not valid", HM_FMT(path));
	return warn_of_policy(cx, kind, text);
}

void cli_policy_put_list(struct json_out *o, const char *key, const struct hm_strs *v,
			 const char *standard)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < v->n; i++)
		json_put_str(o, NULL, v->p[i]);
	if (!v->n && standard)
		json_putz(o, NULL, standard);
	json_close(o, ']');
}

/* A policy that names a store that is not there would believe nobody. */
static hm_err check_store(struct hm_cx *cx, const struct cli *cli, struct hm_str store)
{
	hm_err err = trust_store_check(cx, cli->config_dir, store);
	struct hm_str name = store, type = hm_cut(&name, ':');
	if (err && err->code == HM_ABSENT)
		return hm_hint(cx, err, "hullmark cert add --type %.*s --store %.*s FILE",
			       HM_FMT(hm_shell_word(cx, type)), HM_FMT(hm_shell_word(cx, name)));
	return err ? hm_wrap(cx, err, "--trust-store \"%.*s\"", HM_FMT(store)) : NULL;
}

/* Identities that are objects are given as JSON. */
static hm_err put_identities(struct hm_cx *cx, struct json_out *j, const struct hm_strs *v)
{
	json_open(j, "trustedIdentities", '[');
	for (size_t i = 0; i < v->n; i++) {
		struct json object;
		if (!hm_starts(v->p[i], HM_STR("{"))) {
			json_put_str(j, NULL, v->p[i]);
			continue;
		}
		HM_TRY_IN(cx, json_parse(cx, v->p[i], JSON_STRICT, &object),
			  "--trusted-identity \"%.*s\"", HM_FMT(v->p[i]));
		json_put_json(j, NULL, object);
	}
	if (!v->n)
		json_putz(j, NULL, "*");
	json_close(j, ']');
	return NULL;
}

/* Does it say what only Hullmark's own version can? */
static bool needs_own_version(const struct cli_policy *o)
{
	for (size_t i = 0; i < o->stores.n; i++)
		if (hm_starts(o->stores.p[i], HM_STR("sigstore:")) ||
		    hm_starts(o->stores.p[i], HM_STR("key:")))
			return true;
	return false;
}

static hm_err put_statement(struct hm_cx *cx, struct json_out *j,
			    const struct cli_policy_kind *kind, const struct cli_policy *o,
			    const char *name)
{
	const char *level = o->level ? o->level : "strict";
	json_open(j, NULL, '{');
	json_putz(j, "name", name);
	kind->put_own(j, o);
	json_open(j, "signatureVerification", '{');
	json_putz(j, "level", level);
	json_close(j, '}');
	if (strcmp(level, "skip") != 0) {
		cli_policy_put_list(j, "trustStores", &o->stores, NULL);
		HM_TRY(put_identities(cx, j, &o->identities));
	}
	json_close(j, '}');
	return NULL;
}

hm_err cli_policy_run_init(struct hm_cx *cx, struct cli *cli, const struct cli_policy_kind *kind,
			   const struct cli_policy *o, const char *name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out j = json_out(&b, true);
	struct hm_str text;
	bool skip = o->level && strcmp(o->level, "skip") == 0;
	if (!o->force)
		HM_TRY(check_absent(cx, cli, kind));
	if (!o->stores.n && !skip)
		return hm_fail(cx, HM_USAGE, "--trust-store is needed, such as ca:acme");
	for (size_t i = 0; i < o->stores.n && !skip; i++)
		HM_TRY(check_store(cx, cli, o->stores.p[i]));
	json_open(&j, NULL, '{');
	json_putz(&j, "version", needs_own_version(o) ? "hullmark-1" : "1.0");
	json_open(&j, "trustPolicies", '[');
	HM_TRY(put_statement(cx, &j, kind, o, name));
	json_close(&j, ']');
	json_close(&j, '}');
	hm_buf_char(&b, '\n');
	HM_TRY(hm_buf_end(cx, &b, "trust policy", &text));
	return write_policy(cx, cli, kind, text);
}
