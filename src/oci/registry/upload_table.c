/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of uploads. The ID of an upload ends with a hash of the repository's name, so that it
 * belongs to its repository even over a restart. When there are as many as may be, the one that was
 * left alone the longest makes room.
 */
#include "oci/registry/registry.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RANDOM_DIGITS = 32, NAME_DIGITS = 16 };

static struct hm_str name_hash(struct hm_cx *cx, struct hm_str name)
{
	struct hm_str raw = crypto_digest_raw(cx, CRYPTO_SHA256, name);
	return hm_hex(cx, hm_sub(raw, 0, NAME_DIGITS / 2));
}

static bool id_is_valid(struct hm_cx *cx, struct hm_str id, struct hm_str name)
{
	for (size_t i = 0; i < id.n; i++)
		if (!hm_is_digit(id.p[i]) && (id.p[i] < 'a' || id.p[i] > 'f'))
			return false;
	return id.n == RANDOM_DIGITS + NAME_DIGITS &&
	       hm_eq(hm_from(id, RANDOM_DIGITS), name_hash(cx, name));
}

static struct registry_upload **bucket(struct oci_registry *r, struct hm_str id)
{
	return &r->uploads[hm_hash(id) % UPLOAD_BUCKETS];
}

/* The lock is held. */
static struct registry_upload *find_upload(struct oci_registry *r, struct hm_str id)
{
	for (struct registry_upload *u = *bucket(r, id); u; u = u->next)
		if (hm_eqz(id, u->id))
			return u;
	return NULL;
}

/* The lock is held. NULL: there are too many. */
static struct registry_upload *add_upload(struct oci_registry *r, struct hm_str id)
{
	struct registry_upload *u = r->spare_uploads, **head = bucket(r, id);
	if (r->uploads_n >= HM_MAX_UPLOADS || id.n >= sizeof(u->id))
		return NULL;
	if (u)
		r->spare_uploads = u->next;
	else
		u = hm_new(&r->cx, struct registry_upload, 1);
	*u = (struct registry_upload){ .next = *head, .touched = hm_mono() };
	memcpy(u->id, id.p, id.n); /* the rest is zero */
	*head = u;
	r->uploads_n++;
	return u;
}

static void forget_upload(struct oci_registry *r, struct registry_upload *u)
{
	pthread_mutex_lock(&r->lock);
	struct registry_upload **at = bucket(r, hm_cstr(u->id));
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	if (u->hashed)
		crypto_hash_done(&u->sha256);
	u->next = r->spare_uploads;
	r->spare_uploads = u;
	r->uploads_n--;
	pthread_mutex_unlock(&r->lock);
}

void oci_registry_uploads_close(struct oci_registry *r)
{
	for (size_t i = 0; i < UPLOAD_BUCKETS; i++)
		for (struct registry_upload *u = r->uploads[i]; u; u = u->next)
			if (u->hashed)
				crypto_hash_done(&u->sha256);
}

char *oci_registry_upload_path(struct hm_cx *cx, const struct oci_registry *r, const char *id)
{
	return hm_path(cx, r->uploads_dir, id);
}

void oci_registry_upload_release(struct oci_registry *r, struct registry_upload *u)
{
	pthread_mutex_lock(&r->lock);
	u->busy = false;
	u->touched = hm_mono();
	pthread_mutex_unlock(&r->lock);
}

void oci_registry_upload_discard(struct hm_cx *cx, struct oci_registry *r,
				 struct registry_upload *u)
{
	unlink(oci_registry_upload_path(cx, r, u->id));
	forget_upload(r, u);
}

/* The lock is held. The upload that was left alone the longest, if that is long enough; NULL:
 * none. */
static struct registry_upload *find_left_alone(struct oci_registry *r)
{
	struct registry_upload *oldest = NULL;
	int64_t now = hm_mono(), old = (int64_t)HM_MAX_HTTP_STALL * HM_SECOND;
	if (r->uploads_n < HM_MAX_UPLOADS || now < r->uploads_full)
		return NULL;
	for (size_t i = 0; i < UPLOAD_BUCKETS; i++)
		for (struct registry_upload *u = r->uploads[i]; u; u = u->next)
			if (!u->busy && (!oldest || u->touched < oldest->touched))
				oldest = u;
	if (oldest && now - oldest->touched >= old)
		return oldest;
	r->uploads_full = oldest ? oldest->touched + old : now + HM_SECOND;
	return NULL;
}

/* Where the table is full, anybody could keep it so. */
static void make_room(struct hm_cx *cx, struct oci_registry *r)
{
	pthread_mutex_lock(&r->lock);
	struct registry_upload *u = find_left_alone(r);
	if (u)
		u->busy = true;
	pthread_mutex_unlock(&r->lock);
	if (u)
		oci_registry_upload_discard(cx, r, u);
}

enum registry_taken oci_registry_upload_take(struct hm_cx *cx, struct registry_request *q,
					     struct registry_upload **out)
{
	struct stat st;
	struct hm_str id = q->path.reference;
	if (!id_is_valid(cx, id, q->path.name))
		return REGISTRY_TAKEN_ABSENT;
	if (stat(oci_registry_upload_path(cx, q->r, hm_dupz(cx, id)), &st) < 0)
		return REGISTRY_TAKEN_ABSENT;
	pthread_mutex_lock(&q->r->lock);
	struct registry_upload *u = find_upload(q->r, id);
	bool known = u != NULL;
	if (!u)
		u = add_upload(q->r, id);
	if (u && !known)
		u->size = (uint64_t)st.st_size; /* from before a restart */
	enum registry_taken result = !u || u->busy ? REGISTRY_TAKEN_BUSY : REGISTRY_TAKEN;
	if (result == REGISTRY_TAKEN) {
		u->busy = true;
		*out = u;
	}
	pthread_mutex_unlock(&q->r->lock);
	return result;
}

hm_err oci_registry_upload_start(struct hm_cx *cx, struct registry_request *q,
				 struct registry_upload **out)
{
	uint8_t noise[RANDOM_DIGITS / 2];
	if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
		return hm_fail_os(cx, "could not get random bytes");
	struct hm_str random = hm_hex(cx, hm_bytes(noise, sizeof(noise)));
	struct hm_str tail = name_hash(cx, q->path.name);
	struct hm_str id = hm_fmt(cx, "%.*s%.*s", HM_FMT(random), HM_FMT(tail));
	const char *path = oci_registry_upload_path(cx, q->r, id.p);
	make_room(cx, q->r);
	HM_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return hm_fail_os(cx, "could not begin an upload");
	pthread_mutex_lock(&q->r->lock);
	struct registry_upload *u = add_upload(q->r, id);
	if (u)
		u->busy = true;
	pthread_mutex_unlock(&q->r->lock);
	if (!u) {
		unlink(path);
		return hm_fail(cx, HM_BUSY, "there are %llu uploads already",
			       (unsigned long long)HM_MAX_UPLOADS);
	}
	crypto_hash_start(&u->sha256, CRYPTO_SHA256);
	u->hashed = true;
	*out = u;
	return NULL;
}
