/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "trust/tuf/metadata.h"

/* One refresh. What is believed, by role; text.n 0: nothing yet. */
struct refresh {
	struct tuf_client *c;
	struct tuf_metadata trusted[TUF_ROLES];
};

static hm_err check_expiry(struct hm_cx *cx, const struct refresh *r, const struct tuf_metadata *m)
{
	if (r->c->now < m->expires)
		return NULL;
	return hm_fail(cx, HM_TRUST, "%s version %llu expired on %s", trust_tuf_role_names[m->role],
		       (unsigned long long)m->version, hm_rfc3339(cx, m->expires).p);
}

/* Metadata of `role` that the believed root's keys signed. */
static hm_err read_believed(struct hm_cx *cx, const struct refresh *r, enum tuf_role role,
			    struct hm_str text, struct tuf_metadata *out)
{
	HM_TRY(trust_tuf_metadata_parse(cx, role, text, out));
	return trust_tuf_metadata_verify(cx, &r->trusted[TUF_ROOT], out);
}

static hm_err fetch(struct hm_cx *cx, const struct refresh *r, struct hm_str path, size_t max,
		    struct hm_str *out)
{
	bool found = false;
	HM_TRY(r->c->fetch.get(cx, r->c->fetch.arg, path, max, &found, out));
	return found ? NULL : hm_fail(cx, HM_ABSENT, "the mirror does not have it");
}

/* --- root (5.3) --- */

static hm_err read_first_root(struct hm_cx *cx, struct refresh *r)
{
	struct tuf_metadata root;
	HM_TRY(trust_tuf_metadata_parse(cx, TUF_ROOT, r->c->texts[TUF_ROOT], &root));
	HM_TRY(trust_tuf_metadata_verify(cx, &root, &root));
	r->trusted[TUF_ROOT] = root;
	return NULL;
}

/* Signed as the root before it asks, and as it asks itself; the next version exactly. */
static hm_err read_next_root(struct hm_cx *cx, struct refresh *r, struct hm_str text)
{
	struct tuf_metadata next;
	uint64_t version = r->trusted[TUF_ROOT].version + 1;
	HM_TRY(read_believed(cx, r, TUF_ROOT, text, &next));
	if (next.version != version)
		return hm_fail(cx, HM_TRUST, "it is version %llu",
			       (unsigned long long)next.version);
	HM_TRY(trust_tuf_metadata_verify(cx, &next, &next));
	r->trusted[TUF_ROOT] = next;
	r->c->texts[TUF_ROOT] = text;
	return NULL;
}

static hm_err refresh_root(struct hm_cx *cx, struct refresh *r)
{
	HM_TRY_IN(cx, read_first_root(cx, r), "the root that is believed");
	for (size_t i = 0; i < HM_MAX_TUF_ROOTS; i++) {
		struct hm_str text,
			path = hm_fmt(cx, "%llu.root.json",
				      (unsigned long long)r->trusted[TUF_ROOT].version + 1);
		bool found = false;
		HM_TRY_IN(cx,
			  r->c->fetch.get(cx, r->c->fetch.arg, path, HM_MAX_TUF_ROOT, &found,
					  &text),
			  "\"%.*s\"", HM_FMT(path));
		if (!found)
			break;
		HM_TRY_IN(cx, read_next_root(cx, r, text), "\"%.*s\"", HM_FMT(path));
	}
	return check_expiry(cx, r, &r->trusted[TUF_ROOT]);
}

/* --- timestamp (5.4) --- */

static const struct tuf_file *snapshot_of(const struct tuf_metadata *timestamp)
{
	return trust_tuf_metadata_file(timestamp, HM_STR("snapshot.json"));
}

/* Not older than the last one that was believed, nor about an older snapshot. */
static hm_err take_timestamp(struct hm_cx *cx, struct refresh *r, const struct tuf_metadata *m)
{
	const struct tuf_metadata *old = &r->trusted[TUF_TIMESTAMP];
	if (old->text.n && m->version < old->version)
		return hm_fail(cx, HM_TRUST, "it is version %llu, and %llu was believed before",
			       (unsigned long long)m->version, (unsigned long long)old->version);
	if (old->text.n && m->version == old->version)
		return NULL; /* the same as far as anybody may say (5.4.3.1) */
	if (old->text.n && snapshot_of(m)->version < snapshot_of(old)->version)
		return hm_fail(cx, HM_TRUST,
			       "it names snapshot version %llu, and %llu was believed before",
			       (unsigned long long)snapshot_of(m)->version,
			       (unsigned long long)snapshot_of(old)->version);
	r->trusted[TUF_TIMESTAMP] = *m;
	return NULL;
}

/* What was kept counts as long as the believed root's keys signed it: so a repository that was
 * compromised, and pushed versions far ahead, recovers by new keys (5.3.11). */
static bool recall(struct hm_cx *cx, const struct refresh *r, enum tuf_role role,
		   struct tuf_metadata *out)
{
	return r->c->texts[role].n && !read_believed(cx, r, role, r->c->texts[role], out);
}

static hm_err read_timestamp(struct hm_cx *cx, struct refresh *r)
{
	struct tuf_metadata m;
	struct hm_str text;
	HM_TRY(fetch(cx, r, HM_STR("timestamp.json"), HM_MAX_TUF_TIMESTAMP, &text));
	HM_TRY(read_believed(cx, r, TUF_TIMESTAMP, text, &m));
	return take_timestamp(cx, r, &m);
}

static hm_err refresh_timestamp(struct hm_cx *cx, struct refresh *r)
{
	struct tuf_metadata kept;
	if (recall(cx, r, TUF_TIMESTAMP, &kept))
		r->trusted[TUF_TIMESTAMP] = kept;
	HM_TRY_IN(cx, read_timestamp(cx, r), "timestamp.json");
	return check_expiry(cx, r, &r->trusted[TUF_TIMESTAMP]);
}

/* --- snapshot and targets (5.5, 5.6) --- */

/* Is `m` what `f` names, and valid still? */
static hm_err check_named(struct hm_cx *cx, const struct refresh *r, const struct tuf_metadata *m,
			  const struct tuf_file *f)
{
	if (m->version != f->version)
		return hm_fail(cx, HM_TRUST, "it is version %llu instead of %llu",
			       (unsigned long long)m->version, (unsigned long long)f->version);
	return check_expiry(cx, r, m);
}

/* No file that was named before is gone, or older (5.5.5). */
static hm_err check_not_rolled_back(struct hm_cx *cx, const struct tuf_metadata *old,
				    const struct tuf_metadata *m)
{
	for (size_t i = 0; i < old->files_n; i++) {
		const struct tuf_file *was = &old->files[i],
				      *is = trust_tuf_metadata_file(m, was->name);
		if (!is)
			return hm_fail(cx, HM_TRUST, "it does not name \"%.*s\" any more",
				       HM_FMT(was->name));
		if (is->version < was->version)
			return hm_fail(
				cx, HM_TRUST,
				"it names \"%.*s\" version %llu, and %llu was believed before",
				HM_FMT(was->name), (unsigned long long)is->version,
				(unsigned long long)was->version);
	}
	return NULL;
}

static hm_err fetch_named(struct hm_cx *cx, const struct refresh *r, const struct tuf_file *f,
			  size_t max, struct hm_str *out)
{
	struct hm_str path = f->name;
	if (r->trusted[TUF_ROOT].is_consistent)
		path = hm_fmt(cx, "%llu.%.*s", (unsigned long long)f->version, HM_FMT(f->name));
	if (f->has_length && f->length > max)
		return hm_fail(cx, HM_LIMIT, "it is too large");
	hm_err err = fetch(cx, r, path, f->has_length ? f->length : max, out);
	if (err && err->code == HM_LIMIT && f->has_length)
		return hm_fail(cx, HM_TRUST, "it is larger than is signed");
	return err ? err : trust_tuf_file_check(cx, f, *out);
}

static hm_err read_snapshot(struct hm_cx *cx, struct refresh *r, const struct tuf_file *f)
{
	const struct tuf_metadata *old = &r->trusted[TUF_SNAPSHOT];
	struct tuf_metadata m;
	struct hm_str text;
	HM_TRY(fetch_named(cx, r, f, HM_MAX_TUF_SNAPSHOT, &text));
	HM_TRY(read_believed(cx, r, TUF_SNAPSHOT, text, &m));
	HM_TRY(check_not_rolled_back(cx, old, &m));
	HM_TRY(check_named(cx, r, &m, f));
	r->trusted[TUF_SNAPSHOT] = m;
	return NULL;
}

static hm_err refresh_snapshot(struct hm_cx *cx, struct refresh *r)
{
	const struct tuf_file *f = snapshot_of(&r->trusted[TUF_TIMESTAMP]);
	struct tuf_metadata kept;
	if (recall(cx, r, TUF_SNAPSHOT, &kept)) {
		r->trusted[TUF_SNAPSHOT] = kept;
		if (!check_named(cx, r, &kept, f))
			return NULL;
	}
	HM_TRY_IN(cx, read_snapshot(cx, r, f), "snapshot.json");
	return NULL;
}

static hm_err read_targets(struct hm_cx *cx, struct refresh *r, const struct tuf_file *f)
{
	struct tuf_metadata m;
	struct hm_str text;
	HM_TRY(fetch_named(cx, r, f, HM_MAX_TUF_TARGETS, &text));
	HM_TRY(read_believed(cx, r, TUF_TARGETS, text, &m));
	HM_TRY(check_named(cx, r, &m, f));
	r->trusted[TUF_TARGETS] = m;
	return NULL;
}

static hm_err refresh_targets(struct hm_cx *cx, struct refresh *r)
{
	const struct tuf_file *f =
		trust_tuf_metadata_file(&r->trusted[TUF_SNAPSHOT], HM_STR("targets.json"));
	struct tuf_metadata kept;
	if (!f)
		return hm_fail(cx, HM_INPUT, "snapshot.json does not name targets.json");
	if (recall(cx, r, TUF_TARGETS, &kept) && !trust_tuf_file_check(cx, f, kept.text) &&
	    !check_named(cx, r, &kept, f)) {
		r->trusted[TUF_TARGETS] = kept;
		return NULL;
	}
	HM_TRY_IN(cx, read_targets(cx, r, f), "targets.json");
	return NULL;
}

hm_err trust_tuf_refresh(struct hm_cx *cx, struct tuf_client *c)
{
	struct refresh *r = hm_new(cx, struct refresh, 1);
	r->c = c;
	HM_TRY(refresh_root(cx, r));
	HM_TRY(refresh_timestamp(cx, r));
	HM_TRY(refresh_snapshot(cx, r));
	HM_TRY(refresh_targets(cx, r));
	for (size_t i = 0; i < TUF_ROLES; i++)
		c->texts[i] = r->trusted[i].text;
	c->targets = &r->trusted[TUF_TARGETS];
	c->is_consistent = r->trusted[TUF_ROOT].is_consistent;
	return NULL;
}

/* --- targets themselves (5.7) --- */

/* "DIR/HASH.NAME": a repository has one for each hash. */
static struct hm_str target_path(struct hm_cx *cx, const struct tuf_client *c,
				 const struct tuf_file *f)
{
	struct hm_str dir = hm_sub(f->name, 0, f->name.n - hm_basename(f->name).n),
		      hash = { "", 0 };
	for (size_t i = CRYPTO_DIGESTS; i-- > 0;)
		hash = f->hashes[i].n ? f->hashes[i] : hash;
	if (!c->is_consistent || !hash.n)
		return hm_fmt(cx, "targets/%.*s", HM_FMT(f->name));
	return hm_fmt(cx, "targets/%.*s%.*s.%.*s", HM_FMT(dir), HM_FMT(hash),
		      HM_FMT(hm_basename(f->name)));
}

static hm_err fetch_target(struct hm_cx *cx, const struct tuf_client *c, const struct tuf_file *f,
			   size_t max, struct hm_str *out)
{
	bool found = false;
	if (f->length > max)
		return hm_fail(cx, HM_LIMIT, "it is too large");
	hm_err err = c->fetch.get(cx, c->fetch.arg, target_path(cx, c, f), f->length, &found, out);
	if (err && err->code == HM_LIMIT)
		return hm_fail(cx, HM_TRUST, "it is larger than is signed");
	HM_TRY(err);
	if (!found)
		return hm_fail(cx, HM_BUSY, "the mirror does not have it");
	return trust_tuf_file_check(cx, f, *out);
}

hm_err trust_tuf_target(struct hm_cx *cx, const struct tuf_client *c, struct hm_str name,
			size_t max, struct hm_str kept, struct hm_str *out)
{
	const struct tuf_file *f = trust_tuf_metadata_file(c->targets, name);
	if (!f)
		return hm_fail(cx, HM_ABSENT, "the repository has no target \"%.*s\"",
			       HM_FMT(name));
	if (kept.n && !trust_tuf_file_check(cx, f, kept)) {
		*out = kept;
		return NULL;
	}
	HM_TRY_IN(cx, fetch_target(cx, c, f, max, out), "target \"%.*s\"", HM_FMT(name));
	return NULL;
}
