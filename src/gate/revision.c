/* SPDX-License-Identifier: Apache-2.0 */
/* The newest revision of the trust policy that was in force, over restarts: whoever can put back an
 * older file, with a signer in it who has gone since, must not be believed. */
#include "gate/revision.h"

#include "codec/json.h"

static const char file_name[] = "policy.json";
enum { FILE_MOST = 4096 };

static hm_err parse_seen(struct hm_cx *cx, struct hm_str text, struct gate_seen *out)
{
	struct json top;
	int64_t revision;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	HM_TRY(json_need_int(cx, top, "revision", &revision));
	HM_TRY(json_need_str(cx, top, "digest", &out->digest));
	if (revision < 1 || !out->digest.n)
		return hm_fail(cx, HM_INPUT, "it has no revision");
	out->revision = (uint64_t)revision;
	return NULL;
}

hm_err gate_seen_read(struct hm_cx *cx, const char *dir, struct gate_seen *out)
{
	char *path = hm_path(cx, dir, file_name);
	struct hm_str text;
	*out = (struct gate_seen){ 0 };
	hm_err err = hm_read_file(cx, path, FILE_MOST, &text);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	err = parse_seen(cx, text, out);
	if (!err)
		return NULL;
	return hm_hint(cx, hm_wrap(cx, err, "\"%s\"", path),
		       "it says which trust policy was in force last; remove it once you are sure "
		       "that the policy of now is the newest");
}

static hm_err write_seen(struct hm_cx *cx, const char *dir, const struct gate_seen *s)
{
	HM_AUTO_BUF b = HM_BUF(FILE_MOST);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_put_int(&o, "revision", (int64_t)s->revision);
	json_put_str(&o, "digest", s->digest);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "revision of the trust policy", &text));
	return hm_write_file(cx, hm_path(cx, dir, file_name), text, 0600);
}

static hm_err refuse_policy(struct hm_cx *cx, const struct gate_seen *now,
			    const struct gate_seen *seen)
{
	hm_err err;
	if (!now->revision)
		err = hm_fail(cx, HM_TRUST,
			      "the trust policy has no revision, and revision %llu was in force",
			      (unsigned long long)seen->revision);
	else if (now->revision < seen->revision)
		err = hm_fail(cx, HM_TRUST,
			      "the trust policy has revision %llu, and revision %llu was in force",
			      (unsigned long long)now->revision,
			      (unsigned long long)seen->revision);
	else
		err = hm_fail(cx, HM_TRUST,
			      "the trust policy has changed, but still has revision %llu",
			      (unsigned long long)now->revision);
	return hm_hint(cx, err, "to change it, or to go back, raise its \"revision\" above %llu",
		       (unsigned long long)seen->revision);
}

hm_err gate_seen_accept(struct hm_cx *cx, const char *dir, const struct gate_seen *now,
			const struct gate_seen *seen, bool *out_is_newer)
{
	*out_is_newer = now->revision > seen->revision;
	if (now->revision == seen->revision &&
	    (!seen->revision || hm_eq(now->digest, seen->digest)))
		return NULL;
	if (!*out_is_newer)
		return refuse_policy(cx, now, seen);
	hm_err err = dir ? write_seen(cx, dir, now) : NULL;
	/* what is in force here counts here; only a restart would not know of it */
	if (err)
		hm_log(cx, HM_LOG_WARN, "the revision of the trust policy could not be saved",
		       "why", err->why, NULL);
	return NULL;
}
