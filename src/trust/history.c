/* SPDX-License-Identifier: Apache-2.0 */
/* policy-history/NUMBER.json: each trust policy that was imported, as it was. */
#include <sys/stat.h>

#include "trust/config.h"

enum { KEPT_MOST = 1000, LISTED_MOST = 10000 };

/* 0: it is no file of the history. */
static uint64_t number_of(struct hm_str name)
{
	static const struct hm_str end = HM_STR_INIT(".json");
	uint64_t n = 0;
	if (!hm_ends(name, end) || name.n == end.n || name.n > 12)
		return 0;
	for (size_t i = 0; i < name.n - end.n; i++) {
		if (!hm_is_digit(name.p[i]))
			return 0;
		n = n * 10 + (uint64_t)(name.p[i] - '0');
	}
	return n;
}

static char *history_path(struct hm_cx *cx, const char *config_dir, uint64_t number)
{
	return hm_path(cx, config_dir,
		       hm_fmt(cx, "policy-history/%06llu.json", (unsigned long long)number).p);
}

/* Their numbers, the newest first. */
static hm_err list_numbers(struct hm_cx *cx, const char *config_dir, uint64_t **out, size_t *out_n)
{
	struct hm_strs names;
	hm_err err =
		hm_list_dir(cx, hm_path(cx, config_dir, "policy-history"), LISTED_MOST, &names);
	*out_n = 0;
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	*out = hm_new(cx, uint64_t, names.n + 1);
	for (size_t i = 0; i < names.n; i++) {
		uint64_t n = number_of(names.p[i]);
		size_t at = *out_n;
		for (; n && at && (*out)[at - 1] < n; at--)
			(*out)[at] = (*out)[at - 1];
		if (n) {
			(*out)[at] = n;
			(*out_n)++;
		}
	}
	return NULL;
}

hm_err trust_history_read(struct hm_cx *cx, const char *config_dir, uint64_t number,
			  struct hm_str *out_text)
{
	hm_err err = trust_read_regular(cx, history_path(cx, config_dir, number), HM_MAX_POLICY,
					out_text);
	if (err && err->code == HM_ABSENT)
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "there is no policy %llu in the history",
				       (unsigned long long)number),
			       "hullmark policy history");
	return err;
}

static hm_err read_past(struct hm_cx *cx, const char *config_dir, uint64_t number,
			struct trust_past *out)
{
	struct hm_str text;
	struct trust_policy p;
	struct stat st;
	char *path = history_path(cx, config_dir, number);
	HM_TRY(trust_history_read(cx, config_dir, number, &text));
	*out = (struct trust_past){ .number = number,
				    .digest = crypto_digest_text(cx, CRYPTO_SHA256, text),
				    .path = hm_cstr(path) };
	/* what was valid once may not be any more: it is listed all the same */
	if (!trust_policy_parse(cx, text, &p))
		out->revision = p.revision;
	if (stat(path, &st) == 0)
		out->when = st.st_mtim.tv_sec;
	return NULL;
}

hm_err trust_history(struct hm_cx *cx, const char *config_dir, struct trust_past **out,
		     size_t *out_n)
{
	uint64_t *numbers = NULL;
	size_t n;
	struct hm_str text, path, digest = HM_STR("");
	bool found = false;
	HM_TRY(list_numbers(cx, config_dir, &numbers, &n));
	if (!trust_policy_read(cx, config_dir, &text, &path))
		digest = crypto_digest_text(cx, CRYPTO_SHA256, text);
	*out = hm_new(cx, struct trust_past, n + 1);
	*out_n = n;
	for (size_t i = 0; i < n; i++) {
		struct trust_past *past = &(*out)[i];
		HM_TRY(hm_alive(cx));
		HM_TRY(read_past(cx, config_dir, numbers[i], past));
		past->is_current = !found && hm_eq(past->digest, digest);
		found = found || past->is_current;
	}
	return NULL;
}

hm_err trust_history_keep(struct hm_cx *cx, const char *config_dir, struct hm_str text,
			  const char **out_path)
{
	uint64_t *numbers = NULL;
	size_t n;
	struct hm_str last = HM_STR("");
	*out_path = NULL;
	HM_TRY(hm_mkdirs(cx, hm_path(cx, config_dir, "policy-history"), 0700));
	HM_TRY(list_numbers(cx, config_dir, &numbers, &n));
	if (n)
		HM_TRY(trust_history_read(cx, config_dir, numbers[0], &last));
	if (n && hm_eq(last, text))
		return NULL;
	if (n >= KEPT_MOST)
		return hm_fail(cx, HM_LIMIT,
			       "\"%s/policy-history\" has %d policies: move the oldest elsewhere",
			       config_dir, (int)KEPT_MOST);
	char *path = history_path(cx, config_dir, n ? numbers[0] + 1 : 1);
	HM_TRY(hm_write_file(cx, path, text, 0600));
	*out_path = path;
	return NULL;
}
