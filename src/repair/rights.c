/* SPDX-License-Identifier: Apache-2.0 */
/* Who may run as somebody else when scripts have been followed, or run. */
#include "repair/room.h"

enum { STEP = 256 * 1024, SET_ID = 06000, OTHERS = 077 };

bool repair_rights_has(const struct tar_entry *e)
{
	return (e->type == TAR_FILE || e->type == TAR_HARDLINK) &&
	       ((e->mode & SET_ID) || e->capability.n);
}

static struct hm_str end_digest(struct hm_cx *cx, struct crypto_hash *h)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	size_t n = crypto_hash_end(h, digest);
	return hm_dup(cx, hm_bytes((const char *)digest, n));
}

/* Where the bytes of a hard link are. */
static const struct repair_put *put_at(const struct repair_layer *l, struct hm_str path)
{
	const struct repair_put *p = hm_map_get(&l->emitted, path);
	if (p && p->e.type == TAR_HARDLINK)
		p = hm_map_get(&l->emitted, p->e.link);
	return p && p->e.type == TAR_FILE ? p : NULL;
}

static hm_err digest_put(struct hm_cx *cx, const struct repair_layer *l, const struct repair_put *p,
			 struct hm_str *out)
{
	char *room = hm_new(cx, char, STEP);
	CRYPTO_AUTO_HASH h;
	crypto_hash_start(&h, CRYPTO_SHA256);
	for (uint64_t done = 0; done < p->e.size;) {
		size_t want = p->e.size - done < STEP ? (size_t)(p->e.size - done) : STEP;
		size_t n;
		HM_TRY(repair_archive_read(cx, &l->archive, p->at + p->header_n + done, room, want,
					   &n));
		if (!n)
			return hm_fail(cx, HM_SYSTEM, "a temporary file was changed");
		crypto_hash_add(&h, hm_bytes(room, n));
		done += n;
	}
	*out = end_digest(cx, &h);
	return NULL;
}

/* The same owner, and nobody who can do more. */
static bool covers(const struct tar_entry *had, const struct tar_entry *e)
{
	bool group_only = (e->mode & 02000) || (e->mode >> 3 & 7 & ~had->mode);
	return !(e->mode & (SET_ID | OTHERS) & ~had->mode) && had->uid == e->uid &&
	       (had->gid == e->gid || !group_only) &&
	       (!e->capability.n || hm_eq(had->capability, e->capability));
}

hm_err repair_rights_of(struct hm_cx *cx, const struct repair_layer *l, const struct tar_entry *e,
			struct hm_strs *out)
{
	const struct repair_put *p = put_at(l, e->path);
	const struct repair_node *n = repair_root_at(l->root, e->path);
	bool in_image = false;
	if (n && n->type == TAR_FILE) {
		struct tar_entry had = {
			.mode = n->mode, .uid = n->uid, .gid = n->gid, .capability = n->capability
		};
		in_image = covers(&had, e);
		if (in_image && n->digest.n)
			*hm_push(cx, out) = n->digest;
	}
	if (p && p->is_package && (in_image || covers(&p->e, e)))
		HM_TRY(digest_put(cx, l, p, hm_push(cx, out)));
	return NULL;
}

hm_err repair_rights_now(struct hm_cx *cx, const struct repair_layer *l, struct hm_str path,
			 struct hm_str *out)
{
	const struct repair_put *p = put_at(l, path);
	const struct repair_node *n = repair_root_at(l->root, path);
	*out = n && n->type == TAR_FILE ? n->digest : HM_STR("");
	if (repair_layer_has(l, path))
		*out = HM_STR("");
	return p && repair_layer_has(l, path) ? digest_put(cx, l, p, out) : NULL;
}
