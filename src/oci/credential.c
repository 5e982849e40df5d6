/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials where Docker keeps them: config.json with its auths, and the helper programs that it
 * names (docker/docker-credential-helpers: the question on standard input, JSON on standard output).
 */
#include "oci/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "codec/base64.h"

enum { HELPER_SECONDS = 60, HELPER_ANSWER = 64 * 1024, CONFIG_MAX = 4 * 1024 * 1024 };

static const char *config_path(struct hm_cx *cx, const struct oci_access *a)
{
	const char *dir = a && a->docker_config ? a->docker_config : getenv("DOCKER_CONFIG");
	const char *home = getenv("HOME");
	if (!dir || !*dir)
		dir = hm_path(cx, home ? home : "/", ".docker");
	return hm_path(cx, dir, "config.json");
}

/* Docker Hub is known to Docker by an address of its own. */
static struct hm_str server_of(struct hm_str registry)
{
	return hm_eqz(registry, "docker.io") ? HM_STR("https://index.docker.io/v1/") : registry;
}

/* "https://HOST/v1/" is the HOST that an older Docker wrote. */
static bool same_server(struct hm_str key, struct hm_str registry)
{
	if (hm_eq(key, server_of(registry)))
		return true;
	if (hm_starts(key, HM_STR("https://")))
		key = hm_from(key, 8);
	else if (hm_starts(key, HM_STR("http://")))
		key = hm_from(key, 7);
	return hm_eq(hm_cut(&key, '/'), registry);
}

static struct json member_for(struct json object, struct hm_str registry)
{
	struct json exact = json_get_str(object, server_of(registry));
	if (json_is_there(exact))
		return exact;
	for (struct json_iter it = json_iter(object); json_next(&it);)
		if (same_server(it.key, registry))
			return it.value;
	return exact;
}

hm_err oci_credential_parse(struct hm_cx *cx, struct json config, struct hm_str registry,
			    struct oci_credential *out)
{
	struct oci_credential c = { 0 };
	struct json entry = member_for(json_get(config, "auths"), registry);
	struct hm_str auth = json_str(json_get(entry, "auth")), pair;
	c.username = json_str(json_get(entry, "username"));
	c.password = json_str(json_get(entry, "password"));
	c.identity_token = json_str(json_get(entry, "identitytoken"));
	if (auth.n) {
		HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, auth, &pair), "auths: \"%.*s\"",
			  HM_FMT(registry));
		if (hm_find_char(pair, ':') == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "auths: \"%.*s\": no name and password",
				       HM_FMT(registry));
		c.username = hm_cut(&pair, ':');
		c.password = pair;
		while (c.password.n && c.password.p[c.password.n - 1] == '\0')
			c.password.n--;
	}
	*out = c;
	return NULL;
}

hm_err oci_credential_helper(struct hm_cx *cx, struct json config, struct hm_str registry,
			     struct hm_str *out)
{
	struct hm_str name = json_str(member_for(json_get(config, "credHelpers"), registry));
	if (name.n == 0)
		name = json_str(json_get(config, "credsStore"));
	for (size_t i = 0; i < name.n; i++)
		if (!hm_is_alpha(name.p[i]) && !hm_is_digit(name.p[i]) &&
		    hm_find_char(HM_STR("_.-"), name.p[i]) == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is no name of a credential helper",
				       HM_FMT(hm_sub(name, 0, 100)));
	*out = name;
	return NULL;
}

hm_err oci_credential_answer(struct hm_cx *cx, struct hm_str text, struct oci_credential *out)
{
	struct json doc;
	HM_TRY_IN(cx, json_parse(cx, text, JSON_NO_DUPLICATES, &doc), "credential helper");
	struct hm_str name = json_str(json_get(doc, "Username"));
	struct hm_str secret = json_str(json_get(doc, "Secret"));
	*out = (struct oci_credential){ .username = name, .password = secret };
	if (hm_eqz(name, "<token>"))
		*out = (struct oci_credential){ .identity_token = secret };
	return NULL;
}

/* --- the helper program --- */

static hm_err start(struct hm_cx *cx, struct hm_str helper, const char *verb, const int pipes[4],
		    pid_t *out)
{
	char *program = hm_dupz(cx, hm_fmt(cx, "docker-credential-%.*s", HM_FMT(helper)));
	char *argv[] = { program, hm_dupz(cx, hm_cstr(verb)), NULL };
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[0], 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[3], 1);
	int failed = posix_spawnp(out, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = failed;
	return failed ? hm_fail_os(cx, "could not run \"%s\"", program) : NULL;
}

/* The question fits into the pipe; the answer ends with the program's output. */
static hm_err converse(struct hm_cx *cx, int to, int from, struct hm_str question,
		       struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HELPER_ANSWER);
	int64_t until = hm_mono() + HELPER_SECONDS * HM_SECOND;
	int send = to;
	if (write(send, question.p, question.n) != (ssize_t)question.n && errno != EPIPE)
		return hm_fail_os(cx, "could not ask the credential helper");
	close(send);
	for (;;) {
		struct pollfd poller = { .fd = from, .events = POLLIN };
		HM_TRY(hm_alive(cx));
		if (hm_mono() > until)
			return hm_fail(cx, HM_BUSY, "the credential helper does not answer");
		if (poll(&poller, 1, 100) <= 0)
			continue;
		char some[4096];
		ssize_t got = read(from, some, sizeof(some));
		if (got < 0 && errno != EINTR)
			return hm_fail_os(cx, "could not read from the credential helper");
		if (got == 0)
			break;
		if (got > 0)
			hm_buf_add(&b, hm_bytes(some, (size_t)got));
	}
	HM_TRY(hm_buf_end(cx, &b, "the answer of the credential helper", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

static hm_err run_helper(struct hm_cx *cx, struct hm_str helper, const char *verb,
			 struct hm_str question, struct hm_str *out, bool *out_failed)
{
	int pipes[4]; /* to the helper: read, write; from it: read, write */
	pid_t pid;
	int status = 0;
	sigset_t pipe_signal, before;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return hm_fail_os(cx, "could not make a pipe");
	if (pipe2(pipes + 2, O_CLOEXEC) < 0) {
		close(pipes[0]);
		close(pipes[1]);
		return hm_fail_os(cx, "could not make a pipe");
	}
	hm_err err = start(cx, helper, verb, pipes, &pid);
	close(pipes[0]);
	close(pipes[3]);
	if (err) {
		close(pipes[1]);
		close(pipes[2]);
		return err;
	}
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	err = converse(cx, pipes[1], pipes[2], question, out);
	sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pipes[2]);
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*out_failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	return err;
}

static hm_err ask_helper(struct hm_cx *cx, struct hm_str helper, struct hm_str registry,
			 struct oci_credential *out)
{
	struct hm_str answer;
	bool failed;
	HM_TRY_IN(cx, run_helper(cx, helper, "get", server_of(registry), &answer, &failed),
		  "credential helper \"%.*s\"", HM_FMT(helper));
	if (!failed)
		return oci_credential_answer(cx, answer, out);
	/* The helpers' own words for "there is none". */
	if (hm_find(answer, HM_STR("credentials not found")) != SIZE_MAX) {
		*out = (struct oci_credential){ 0 };
		return NULL;
	}
	return hm_fail(cx, HM_SYSTEM, "credential helper \"%.*s\" failed: %.*s", HM_FMT(helper),
		       HM_FMT(hm_sub(hm_trim(answer), 0, 200)));
}

/* --- config.json --- */

static hm_err read_config(struct hm_cx *cx, const struct oci_access *a, struct json *out)
{
	const char *path = config_path(cx, a);
	struct hm_str text;
	hm_err err = hm_read_file(cx, path, CONFIG_MAX, &text);
	if (err && err->code == HM_ABSENT) {
		*out = (struct json){ 0 };
		return NULL;
	}
	HM_TRY(err);
	HM_TRY_IN(cx, json_parse(cx, text, JSON_NO_DUPLICATES, out), "\"%s\"", path);
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is no object", path);
	return NULL;
}

hm_err oci_credential_find(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			   struct oci_credential *out)
{
	struct json config;
	struct hm_str helper;
	if (a && a->username) {
		*out = (struct oci_credential){ .username = hm_cstr(a->username),
						.password = hm_cstr(a->password) };
		return NULL;
	}
	HM_TRY(read_config(cx, a, &config));
	HM_TRY_IN(cx, oci_credential_helper(cx, config, registry, &helper), "\"%s\"",
		  config_path(cx, a));
	if (helper.n)
		return ask_helper(cx, helper, registry, out);
	HM_TRY_IN(cx, oci_credential_parse(cx, config, registry, out), "\"%s\"",
		  config_path(cx, a));
	return NULL;
}

static void put_auth(struct hm_cx *cx, struct json_out *o, struct hm_str registry,
		     const struct oci_credential *c)
{
	HM_AUTO_BUF pair = HM_BUF(HELPER_ANSWER);
	hm_buf_add(&pair, c->username);
	hm_buf_char(&pair, ':');
	hm_buf_add(&pair, c->password);
	json_key(o, server_of(registry));
	json_open(o, NULL, '{');
	json_put_str(o, "auth", base64_format(cx, BASE64_STD, hm_buf_str(&pair)));
	if (c->identity_token.n)
		json_put_str(o, "identitytoken", c->identity_token);
	json_close(o, '}');
	hm_wipe(pair.p, pair.n);
}

hm_err oci_credential_config_with(struct hm_cx *cx, struct json config, struct hm_str registry,
				  const struct oci_credential *c, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(CONFIG_MAX);
	struct json_out o = json_out(&b, true);
	struct json auths = json_get(config, "auths");
	json_open(&o, NULL, '{');
	json_open(&o, "auths", '{');
	for (struct json_iter it = json_iter(auths); json_next(&it);) {
		if (same_server(it.key, registry))
			continue;
		json_key(&o, it.key);
		json_put_json(&o, NULL, it.value);
	}
	if (c)
		put_auth(cx, &o, registry, c);
	json_close(&o, '}');
	for (struct json_iter it = json_iter(config); json_next(&it);) {
		if (hm_eqz(it.key, "auths"))
			continue;
		json_key(&o, it.key);
		json_put_json(&o, NULL, it.value);
	}
	json_close(&o, '}');
	hm_buf_char(&b, '\n');
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, &b, "config.json", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static hm_err write_config(struct hm_cx *cx, const struct oci_access *a, struct json config,
			   struct hm_str registry, const struct oci_credential *c)
{
	const char *path = config_path(cx, a);
	struct hm_str text;
	HM_TRY(oci_credential_config_with(cx, config, registry, c, &text));
	HM_TRY(hm_mkdirs(cx, hm_dupz(cx, hm_dirname(hm_cstr(path))), 0700));
	return hm_write_file(cx, path, text, 0600);
}

static hm_err tell_helper(struct hm_cx *cx, struct hm_str helper, const char *verb,
			  struct hm_str question)
{
	struct hm_str answer;
	bool failed;
	HM_TRY_IN(cx, run_helper(cx, helper, verb, question, &answer, &failed),
		  "credential helper \"%.*s\"", HM_FMT(helper));
	if (failed && hm_find(answer, HM_STR("credentials not found")) == SIZE_MAX)
		return hm_fail(cx, HM_SYSTEM, "credential helper \"%.*s\" failed: %.*s",
			       HM_FMT(helper), HM_FMT(hm_sub(hm_trim(answer), 0, 200)));
	return NULL;
}

hm_err oci_credential_store(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			    const struct oci_credential *c)
{
	struct json config;
	struct hm_str helper;
	HM_TRY(read_config(cx, a, &config));
	HM_TRY(oci_credential_helper(cx, config, registry, &helper));
	if (helper.n == 0)
		return write_config(cx, a, config, registry, c);
	HM_AUTO_BUF b = HM_BUF(HELPER_ANSWER);
	struct json_out o = json_out(&b, false);
	struct hm_str question;
	json_open(&o, NULL, '{');
	json_put_str(&o, "ServerURL", server_of(registry));
	json_put_str(&o, "Username", c->identity_token.n ? HM_STR("<token>") : c->username);
	json_put_str(&o, "Secret", c->identity_token.n ? c->identity_token : c->password);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "a credential", &question));
	hm_err err = tell_helper(cx, helper, "store", question);
	hm_wipe(b.p, b.n);
	return err;
}

hm_err oci_credential_erase(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry)
{
	struct json config;
	struct hm_str helper;
	HM_TRY(read_config(cx, a, &config));
	HM_TRY(oci_credential_helper(cx, config, registry, &helper));
	if (helper.n)
		HM_TRY(tell_helper(cx, helper, "erase", server_of(registry)));
	if (!json_is_there(member_for(json_get(config, "auths"), registry)))
		return helper.n ? NULL
				: hm_fail(cx, HM_ABSENT, "there is no credential for \"%.*s\"",
					  HM_FMT(registry));
	return write_config(cx, a, config, registry, NULL);
}
