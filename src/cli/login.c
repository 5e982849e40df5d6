/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/terminal.h"

/* "HOST[:PORT]", with a repository's name behind it to check that it is one. */
static hm_err registry_of(struct hm_cx *cx, const char *text, struct hm_str *out)
{
	struct oci_target t;
	struct hm_str name = hm_cstr(text);
	if (hm_find_char(name, '/') != SIZE_MAX ||
	    oci_target_parse(cx, hm_fmt(cx, "%.*s/x", HM_FMT(name)), &t) ||
	    t.kind != OCI_REGISTRY || !hm_eqz(t.repository, "x"))
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a registry: give HOST[:PORT]", text);
	*out = t.registry;
	return NULL;
}

/* A line of the terminal, which does not show it where it is to `hide` it. */
static hm_err read_answer(struct hm_cx *cx, const char *question, bool hide, struct hm_secret *out)
{
	enum { LINE = 4096 }; /* a terminal's longest */
	HM_AUTO_SECRET line = HM_SECRET(LINE);
	/* before the question: what is typed ahead of that is dropped */
	hide = hide && hm_terminal_hide(STDIN_FILENO);
	fprintf(stderr, "%s: ", question);
	fflush(stderr);
	ssize_t got = read(STDIN_FILENO, hm_buf_room(&line.bytes, LINE), LINE);
	if (hide) {
		hm_terminal_show();
		fputc('\n', stderr);
	}
	struct hm_str text = hm_sub(hm_secret_str(&line), 0, got > 0 ? (size_t)got : 0);
	*out = hm_secret_of(hm_line(&text));
	return hm_secret_str(out).n ? NULL : hm_fail(cx, HM_USAGE, "nothing was given");
}

/* What no option says, the terminal is asked for, as by docker and oras. */
static hm_err ask_missing(struct hm_cx *cx, struct cli *cli)
{
	HM_AUTO_SECRET name = { 0 };
	if (cli->password_stdin || cli->identity_token || cli->identity_token_stdin ||
	    !isatty(STDIN_FILENO))
		return NULL;
	if (!cli->username) {
		HM_TRY(read_answer(cx, "Username", false, &name));
		cli->username = hm_dupz(cx, hm_secret_str(&name));
	}
	if (!cli->password) {
		HM_TRY(read_answer(cx, "Password", true, &cli->secret));
		cli->access.password = &cli->secret;
	}
	return NULL;
}

static hm_err log_in(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		     size_t args_n)
{
	const struct oci_access *access;
	struct hm_str registry = hm_cstr(args[0]);
	(void)opts, (void)args_n;
	if (!hm_eqz(registry, "docker.io"))
		HM_TRY(registry_of(cx, args[0], &registry));
	cli_notation_environment(cli);
	HM_TRY(cli_secret_for(cx, cli,
			      &(struct oci_target){ .kind = OCI_REGISTRY, .registry = registry }));
	HM_TRY(ask_missing(cx, cli));
	HM_TRY(cli_access(cx, cli, &access));
	const struct hm_secret *token = access->identity_token;
	if (!access->username && !token) /* as everywhere, and for oras */
		token = access->password;
	if (!token && (!access->username || !access->password))
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "a user name and a password are needed"),
			       "give --username NAME --password-stdin, or --identity-token-stdin");
	OCI_AUTO_CREDENTIAL c = { .username = HM_STR("") };
	if (token) {
		c.identity_token = hm_secret_of(hm_secret_str(token));
	} else {
		c.username = hm_cstr(access->username);
		c.password = hm_secret_of(hm_secret_str(access->password));
	}
	if (hm_find_char(c.username, ':') != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "a user name cannot have a colon");
	HM_TRY_IN(cx, oci_login_check(cx, access, registry, &c), "login to \"%s\"", args[0]);
	HM_TRY_IN(cx, oci_credential_store(cx, access, registry, &c), "login to \"%s\"", args[0]);
	return cli_print(cx, HM_STR("Login succeeded\n"));
}

static hm_err log_out(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		      size_t args_n)
{
	struct hm_str registry = hm_cstr(args[0]);
	struct oci_access files = { 0 };
	(void)opts, (void)args_n;
	HM_TRY(cli_credential_files(cx, cli, &files.config_files));
	if (!hm_eqz(registry, "docker.io"))
		HM_TRY(registry_of(cx, args[0], &registry));
	hm_err err = oci_credential_erase(cx, &files, registry);
	if (err && err->code == HM_ABSENT) { /* as it should be afterwards */
		hm_log(cx, HM_LOG_INFO, "there was nothing to forget", "registry", args[0], NULL);
		return NULL;
	}
	return err;
}

extern const struct cli_command cli_login, cli_logout;
const struct cli_command cli_login = {
	.name = "login",
	.group = "Shipping",
	.args = "REGISTRY",
	.help = "try a user name and a password on a registry, and keep them",
	.about =
		"They are kept where Docker keeps them: by the credential helper that config.json names, else\n"
		"in config.json itself ($DOCKER_CONFIG, else ~/.docker), readable by you alone. A terminal is\n"
		"asked for what no option says. A password on the command line can be read by others on the\n"
		"machine: prefer --password-stdin. An identity token is given by --identity-token, or as a password\n"
		"without a user name. --registry-config names another file than Docker's config.json; so does a\n"
		"config.json in --config-dir, as Notation has it, that has \"credsStore\", \"credHelpers\" or \"auths\".",
	.examples =
		"  $ hullmark login registry.example.com --username ann --password-stdin < secret",
	.least = 1,
	.most = 1,
	.run = log_in,
};
const struct cli_command cli_logout = {
	.name = "logout",
	.group = "Shipping",
	.args = "REGISTRY",
	.help = "forget the user name and the password of a registry",
	.about = "Where none are kept there is nothing to do, and that is said.",
	.examples = "  $ hullmark logout registry.example.com",
	.least = 1,
	.most = 1,
	.run = log_out,
};
