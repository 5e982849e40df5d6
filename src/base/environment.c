/* SPDX-License-Identifier: Apache-2.0 */
#include "base/environment.h"

#include <unistd.h>

#include "base/str.h"

/* A name, or the beginning of names. The last four get identity tokens of CI jobs, or are all that
 * a job may do. */
static const char *const ours[] = {
	"COSIGN_PASSWORD",
	"DOCKER_AUTH_CONFIG",
	"HULLMARK_*",
	"NOTATION_PASSWORD",
	"NOTATION_USERNAME",
	"SIGSTORE_ID_TOKEN",
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN",
	"ACTIONS_RUNTIME_TOKEN",
	"GITHUB_TOKEN",
	"SYSTEM_ACCESSTOKEN",
};

static bool is_ours(struct hm_str variable)
{
	struct hm_str name = hm_cut(&variable, '=');
	for (size_t i = 0; i < HM_LEN(ours); i++) {
		struct hm_str own = hm_cstr(ours[i]);
		if (hm_ends(own, HM_STR("*")) ? hm_starts(name, hm_sub(own, 0, own.n - 1))
					      : hm_eq(name, own))
			return true;
	}
	return false;
}

static bool is_called(struct hm_str variable, const char *name)
{
	return name && hm_eqz(hm_cut(&variable, '='), name);
}

char **hm_environment_for_others(struct hm_cx *cx, const char *but)
{
	size_t n = 0, kept = 0;
	while (environ && environ[n])
		n++;
	char **out = hm_new(cx, char *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!is_ours(hm_cstr(environ[i])) || is_called(hm_cstr(environ[i]), but))
			out[kept++] = environ[i];
	return out;
}
