/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/clock.h"
#include "trust/config.h"
#include "trust/tuf/store.h"

const struct tuf_kept_target trust_tuf_kept_targets[TUF_KEPT_TARGETS] = {
	{ "trusted_root.json", "trusted_root.json", true },
	{ "signing_config.json", "signing_config.v0.2.json", false },
};

/* A file that may not be there; empty then. */
static hm_err read_optional(struct hm_cx *cx, const char *path, size_t max, struct hm_str *out)
{
	hm_err err = hm_read_file(cx, path, max, out);
	if (!err || err->code != HM_ABSENT)
		return err;
	*out = HM_STR("");
	return NULL;
}

static const char *role_path(struct hm_cx *cx, const struct tuf_store *s, enum tuf_role role)
{
	return hm_path(cx, s->tuf_dir, hm_fmt(cx, "%s.json", trust_tuf_role_names[role]).p);
}

static hm_err read_mirror(struct hm_cx *cx, struct tuf_store *s)
{
	const char *path = hm_path(cx, s->tuf_dir, "mirror.json");
	struct hm_str text, time;
	struct json v;
	HM_TRY(read_optional(cx, path, HM_MAX_TUF_TIMESTAMP, &text));
	s->by_tuf = text.n > 0;
	if (!text.n)
		return NULL;
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &v), "\"%s\"", path);
	HM_TRY_IN(cx, json_need_str(cx, v, "mirror", &s->mirror), "\"%s\"", path);
	HM_TRY_IN(cx, json_need_str(cx, v, "updated", &time), "\"%s\"", path);
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, time, &s->updated), "\"%s\"", path);
	return NULL;
}

static hm_err read_times(struct hm_cx *cx, struct tuf_store *s)
{
	struct stat st;
	(void)cx;
	s->is_there = stat(s->dir, &st) == 0 && S_ISDIR(st.st_mode);
	if (!s->by_tuf && stat(hm_path(cx, s->dir, trust_tuf_kept_targets[0].file), &st) == 0)
		s->updated = st.st_mtime;
	return NULL;
}

hm_err trust_tuf_store_read(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			    struct tuf_store *out)
{
	struct tuf_store s = { 0 };
	if (!trust_is_name(name))
		return hm_fail(cx, HM_USAGE,
			       "\"%.*s\" is not a valid name: only letters, digits, \"_\", \".\" "
			       "and \"-\"",
			       HM_FMT(name));
	s.dir = hm_fmt(cx, "%s/truststore/sigstore/%.*s", config_dir, HM_FMT(name)).p;
	s.tuf_dir = hm_path(cx, s.dir, "tuf");
	HM_TRY(read_mirror(cx, &s));
	for (size_t i = 0; s.by_tuf && i < TUF_ROLES; i++)
		HM_TRY(read_optional(cx, role_path(cx, &s, (enum tuf_role)i), HM_MAX_TUF_TARGETS,
				     &s.texts[i]));
	for (size_t i = 0; i < TUF_KEPT_TARGETS; i++)
		HM_TRY(read_optional(cx, hm_path(cx, s.dir, trust_tuf_kept_targets[i].file),
				     HM_MAX_TRUSTED_ROOT, &s.targets[i]));
	HM_TRY(read_times(cx, &s));
	*out = s;
	return NULL;
}

hm_err trust_tuf_store_lock(struct hm_cx *cx, const struct tuf_store *s, int *out_fd)
{
	HM_TRY(hm_mkdirs_flushed(cx, s->tuf_dir, 0755));
	return hm_lock(cx, hm_path(cx, s->tuf_dir, "lock"), out_fd);
}

hm_err trust_tuf_store_write_root(struct hm_cx *cx, const struct tuf_store *s)
{
	return hm_write_file(cx, role_path(cx, s, TUF_ROOT), s->texts[TUF_ROOT], 0644);
}

static hm_err write_targets(struct hm_cx *cx, const struct tuf_store *s)
{
	for (size_t i = 0; i < TUF_KEPT_TARGETS; i++) {
		const char *path = hm_path(cx, s->dir, trust_tuf_kept_targets[i].file);
		if (s->targets[i].n)
			HM_TRY(hm_write_file(cx, path, s->targets[i], 0644));
		else if (unlink(path) < 0 && errno != ENOENT)
			return hm_fail_os(cx, "could not remove \"%s\"", path);
	}
	return NULL;
}

static hm_err write_mirror(struct hm_cx *cx, const struct tuf_store *s)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TUF_TIMESTAMP);
	struct json_out o = json_out(&text, true);
	struct hm_str bytes;
	json_open(&o, NULL, '{');
	json_put_str(&o, "mirror", s->mirror);
	json_put_str(&o, "updated", hm_rfc3339(cx, s->updated));
	json_close(&o, '}');
	hm_buf_char(&text, '\n');
	HM_TRY(hm_buf_end(cx, &text, "mirror.json", &bytes));
	return hm_write_file(cx, hm_path(cx, s->tuf_dir, "mirror.json"), bytes, 0644);
}

hm_err trust_tuf_store_write(struct hm_cx *cx, const struct tuf_store *s)
{
	static const enum tuf_role order[] = { TUF_TARGETS, TUF_SNAPSHOT, TUF_TIMESTAMP };
	HM_TRY(trust_tuf_store_write_root(cx, s));
	/* killed from here on, a new store is a damaged one, and not one that never gets old */
	if (!s->by_tuf)
		HM_TRY(write_mirror(cx, s));
	HM_TRY(write_targets(cx, s));
	for (size_t i = 0; i < HM_LEN(order); i++)
		HM_TRY(hm_write_file(cx, role_path(cx, s, order[i]), s->texts[order[i]], 0644));
	return write_mirror(cx, s);
}
