/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/tuf/store.h"

#include "base/clock.h"
#include "crypto/crypto.h"
#include "trust/sigstore/sigstore.h"
#include "trust/tuf/metadata.h"

/* --- what is fetched --- */

static hm_err check_trusted_root(struct hm_cx *cx, struct hm_str text)
{
	SIGSTORE_AUTO_ROOT root = { 0 };
	return trust_sigstore_root_parse(cx, text, &root);
}

static hm_err fetch_targets(struct hm_cx *cx, const struct tuf_client *c, struct tuf_store *s)
{
	for (size_t i = 0; i < TUF_KEPT_TARGETS; i++) {
		const struct tuf_kept_target *t = &trust_tuf_kept_targets[i];
		struct hm_str text = HM_STR("");
		hm_err err = trust_tuf_target(cx, c, hm_cstr(t->target), HM_MAX_TRUSTED_ROOT,
					      s->targets[i], &text);
		if (err && (t->is_needed || err->code != HM_ABSENT))
			return err;
		s->targets[i] = err ? HM_STR("") : text;
	}
	return check_trusted_root(cx, s->targets[0]);
}

/* All of it, in memory; `s` is as it was after a fault, but for the root. */
static hm_err refresh(struct hm_cx *cx, struct tuf_store *s, struct http_client *http, int64_t now)
{
	struct tuf_mirror mirror = { s->mirror, http };
	struct tuf_client c = { .now = now };
	struct tuf_store next = *s;
	memcpy(c.texts, s->texts, sizeof(c.texts));
	HM_TRY(trust_tuf_mirror_open(cx, &mirror, &c.fetch));
	hm_err err = trust_tuf_refresh(cx, &c);
	s->texts[TUF_ROOT] = c.texts[TUF_ROOT];
	HM_TRY(err);
	HM_TRY(fetch_targets(cx, &c, &next));
	memcpy(next.texts, c.texts, sizeof(c.texts));
	next.updated = now;
	*s = next;
	return NULL;
}

/* A mirror that sends a byte now and then does not hold anybody up for long. */
static hm_err refresh_in_time(struct hm_cx *cx, struct tuf_store *s, struct http_client *http,
			      int64_t now)
{
	int64_t deadline = cx->deadline, mine = hm_mono() + (int64_t)HM_MAX_TUF_SECONDS * HM_SECOND;
	if (!deadline || mine < deadline)
		cx->deadline = mine;
	hm_err err = refresh(cx, s, http, now);
	cx->deadline = deadline;
	return err ? hm_wrap(cx, err, "mirror \"%.*s\"", HM_FMT(s->mirror)) : NULL;
}

/* --- stores --- */

hm_err trust_tuf_init(struct hm_cx *cx, const char *config_dir, struct hm_str name,
		      const struct tuf_mirror *mirror, struct hm_str root, int64_t now)
{
	struct tuf_store s;
	HM_AUTO_FD lock = -1;
	HM_TRY(trust_tuf_store_read(cx, config_dir, name, &s));
	s.mirror = mirror->url;
	memset(s.texts, 0, sizeof(s.texts));
	s.texts[TUF_ROOT] = root;
	HM_TRY(refresh_in_time(cx, &s, mirror->http, now));
	HM_TRY(trust_tuf_store_lock(cx, &s, &lock));
	return trust_tuf_store_write(cx, &s);
}

static hm_err need_tuf(struct hm_cx *cx, const struct tuf_store *s, struct hm_str name)
{
	if (!s->is_there)
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "there is no trust store \"sigstore:%.*s\"",
				       HM_FMT(name)),
			       "make it: hullmark trust-root init --store %.*s --root root.json",
			       HM_FMT(name));
	if (!s->by_tuf)
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT,
				       "trust store \"sigstore:%.*s\" is not kept current by TUF",
				       HM_FMT(name)),
			       "let it be: hullmark trust-root init --store %.*s --root root.json",
			       HM_FMT(name));
	return NULL;
}

hm_err trust_tuf_update(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			struct http_client *http, int64_t now)
{
	struct tuf_store s;
	HM_AUTO_FD lock = -1;
	HM_TRY(trust_tuf_store_read(cx, config_dir, name, &s));
	HM_TRY(need_tuf(cx, &s, name));
	HM_TRY(trust_tuf_store_lock(cx, &s, &lock));
	HM_TRY(trust_tuf_store_read(cx, config_dir, name,
				    &s)); /* as whoever had the lock left it */
	struct hm_str root = s.texts[TUF_ROOT];
	hm_err err = refresh_in_time(cx, &s, http, now);
	if (!err)
		return trust_tuf_store_write(cx, &s);
	if (!hm_eq(root, s.texts[TUF_ROOT]))
		HM_TRY(trust_tuf_store_write_root(cx, &s));
	return err;
}

static hm_err describe(struct hm_cx *cx, const struct tuf_store *s, struct hm_str name,
		       struct tuf_status *out)
{
	struct tuf_status st = {
		.name = name, .mirror = s->mirror, .by_tuf = s->by_tuf, .updated = s->updated
	};
	for (size_t i = 0; s->by_tuf && i < TUF_ROLES; i++) {
		struct tuf_metadata m;
		HM_TRY_IN(cx, trust_tuf_metadata_parse(cx, (enum tuf_role)i, s->texts[i], &m),
			  "\"%s/%s.json\"", s->tuf_dir, trust_tuf_role_names[i]);
		st.versions[i] = m.version;
		st.expires[i] = m.expires;
	}
	st.trusted_root = hm_path(cx, s->dir, trust_tuf_kept_targets[0].file);
	for (size_t i = 0; i < TUF_KEPT_TARGETS; i++)
		if (s->targets[i].n)
			*hm_push(cx, &st.targets) = hm_cstr(trust_tuf_kept_targets[i].file);
	*out = st;
	return NULL;
}

hm_err trust_tuf_status(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			struct tuf_status *out)
{
	struct tuf_store s;
	HM_TRY(trust_tuf_store_read(cx, config_dir, name, &s));
	if (!s.is_there)
		return need_tuf(cx, &s, name);
	return describe(cx, &s, name, out);
}

hm_err trust_tuf_list(struct hm_cx *cx, const char *config_dir, struct hm_strs *out)
{
	struct hm_strs all = { 0 }, found = { 0 };
	struct hm_str dir = hm_fmt(cx, "%s/truststore/sigstore", config_dir);
	struct stat st;
	hm_err err = hm_list_dir(cx, dir.p, HM_MAX_TRUST_FILES, &all);
	if (err && err->code != HM_ABSENT)
		return err;
	for (size_t i = 0; i < all.n; i++)
		if (stat(hm_path(cx, dir.p, all.p[i].p), &st) == 0 && S_ISDIR(st.st_mode))
			*hm_push(cx, &found) = all.p[i];
	*out = found;
	return NULL;
}

/* --- age --- */

static struct hm_str say_age(struct hm_cx *cx, int64_t seconds)
{
	if (seconds >= 2 * 86400)
		return hm_fmt(cx, "%lld days", (long long)(seconds / 86400));
	if (seconds >= 2 * 3600)
		return hm_fmt(cx, "%lld hours", (long long)(seconds / 3600));
	return hm_fmt(cx, "%lld minutes", (long long)(seconds / 60));
}

int64_t trust_tuf_end(const struct tuf_status *st, int64_t max_age)
{
	int64_t last;
	if (max_age) /* the second after the last one */
		return __builtin_add_overflow(st->updated, max_age + 1, &last) ? INT64_MAX : last;
	return st->by_tuf ? st->expires[TUF_TIMESTAMP] : INT64_MAX;
}

hm_err trust_tuf_check_age(struct hm_cx *cx, const struct tuf_status *st, int64_t now,
			   int64_t max_age)
{
	int64_t age = now - st->updated;
	/* it would be young for ever */
	if (max_age && age < -CRYPTO_CLOCK_SKEW)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST,
				       "trust store \"sigstore:%.*s\" has a date in the future",
				       HM_FMT(st->name)),
			       "check this machine's clock, and update the store");
	if (max_age && age <= max_age)
		return NULL;
	if (!max_age && (!st->by_tuf || now < st->expires[TUF_TIMESTAMP]))
		return NULL;
	hm_err err =
		hm_fail(cx, HM_TRUST,
			max_age ? "trust store \"sigstore:%.*s\" is %.*s old, more than the policy "
				  "allows"
				: "trust store \"sigstore:%.*s\" is %.*s old, and has expired",
			HM_FMT(st->name), HM_FMT(say_age(cx, age)));
	return st->by_tuf ? hm_hint(cx, err, "hullmark trust-root update --store %.*s",
				    HM_FMT(st->name))
			  : hm_hint(cx, err,
				    "put a newer trusted_root.json there, or let it be kept "
				    "current: hullmark trust-root init");
}

hm_err trust_tuf_freshen(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			 const struct tuf_terms *terms, struct tuf_status *out)
{
	hm_err failed = NULL;
	HM_TRY(trust_tuf_status(cx, config_dir, name, out));
	bool is_due =
		out->by_tuf && (terms->now >= out->expires[TUF_TIMESTAMP] ||
				(terms->max_age && terms->now - out->updated > terms->max_age));
	if (is_due && terms->http) {
		failed = trust_tuf_update(cx, config_dir, name, terms->http, terms->now);
		if (!failed)
			return trust_tuf_status(cx, config_dir, name, out);
	}
	hm_err err = trust_tuf_check_age(cx, out, terms->now, terms->max_age);
	return err && failed ? failed : err;
}
