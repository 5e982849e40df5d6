/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/surroundings.h"

#include "base/child.h"
#include "base/file.h"

static struct hm_str variable(void *arg, const char *name)
{
	(void)arg;
	return hm_cstr(getenv(name));
}

/* Only absolute folders of $PATH: what lies in the working folder is not run. */
static bool find_git(struct hm_cx *cx, struct hm_str *out)
{
	struct hm_str path = hm_cstr(getenv("PATH"));
	while (path.n) {
		struct hm_str folder = hm_cut(&path, ':');
		if (!folder.n || folder.p[0] != '/')
			continue;
		*out = hm_fmt(cx, "%.*s/git", HM_FMT(folder));
		if (access(out->p, X_OK) == 0)
			return true;
	}
	return false;
}

/* One line of git's; empty where it has no answer. HM_ABSENT: it could not be asked. */
static hm_err ask_git(struct hm_cx *cx, struct hm_str git, const char *const *arguments,
		      struct hm_str *out)
{
	const char *home = getenv("HOME");
	const char *environment[] = { "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C",
				      hm_fmt(cx, "HOME=%s", home ? home : "/").p, NULL };
	struct hm_child child = { .path = git.p,
				  .arguments = arguments,
				  .environment = environment,
				  .max_output = 64 * HM_KIB,
				  .patience = 10 * HM_SECOND };
	struct hm_child_end end;
	hm_err err = hm_child_run(cx, &child, &end);
	if (err)
		return hm_fail(cx, HM_ABSENT, "git could not be asked: %s", err->why);
	*out = end.status == 0 ? hm_line(&end.out) : HM_STR("");
	return NULL;
}

/* A remote as a URL that may be told: git's short form "user@host:path" is ssh://user@host/path, a
 * folder file:///path. */
static struct hm_str tell_remote(struct hm_cx *cx, struct hm_str url)
{
	struct hm_str all = hm_trim(url);
	size_t at = hm_find_char(all, '@'), colon = hm_find_char(all, ':');
	if (hm_starts(all, HM_STR("/")))
		return hm_fmt(cx, "file://%.*s", HM_FMT(all));
	bool is_short = hm_find(all, HM_STR("://")) == SIZE_MAX && colon != SIZE_MAX &&
			at != SIZE_MAX && at < colon;
	if (is_short)
		all = hm_fmt(cx, "ssh://%.*s/%.*s", HM_FMT(hm_sub(all, 0, colon)),
			     HM_FMT(hm_from(all, colon + 1)));
	return statement_source_public(cx, all);
}

static hm_err ask_source(struct hm_cx *cx, void *arg, struct slsa_source *out)
{
	static const char *const commit[] = { "git", "rev-parse", "--verify", "HEAD", NULL };
	static const char *const ref[] = { "git", "symbolic-ref", "-q", "HEAD", NULL };
	static const char *const remote[] = { "git", "config", "--get", "remote.origin.url", NULL };
	struct hm_str git, url;
	(void)arg;
	if (!find_git(cx, &git))
		return hm_fail(cx, HM_ABSENT, "git was not found in $PATH");
	HM_TRY(ask_git(cx, git, commit, &out->commit));
	if (!out->commit.n)
		return hm_fail(cx, HM_ABSENT, "the working folder is in no git repository");
	HM_TRY(ask_git(cx, git, ref, &out->ref));
	HM_TRY(ask_git(cx, git, remote, &url));
	struct slsa_source parts = { 0 };
	statement_source_parse(tell_remote(cx, url), &parts);
	out->repository = parts.repository;
	return NULL;
}

struct slsa_surroundings cli_surroundings(void)
{
	return (struct slsa_surroundings){ variable, ask_source, NULL };
}
