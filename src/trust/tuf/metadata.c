/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/tuf/metadata.h"

#include "base/clock.h"
#include "codec/json.h"

const char *const trust_tuf_role_names[TUF_ROLES] = { "root", "timestamp", "snapshot", "targets" };

static size_t max_size(enum tuf_role role)
{
	static const uint64_t *const sizes[TUF_ROLES] = { &HM_MAX_TUF_ROOT, &HM_MAX_TUF_TIMESTAMP,
							  &HM_MAX_TUF_SNAPSHOT,
							  &HM_MAX_TUF_TARGETS };
	return *sizes[role];
}

static hm_err need_number(struct hm_cx *cx, struct json v, const char *key, int64_t least,
			  uint64_t *out)
{
	int64_t n;
	HM_TRY(json_need_int(cx, v, key, &n));
	if (n < least)
		return hm_fail(cx, HM_INPUT, "\"%s\" is too small", key);
	*out = (uint64_t)n;
	return NULL;
}

static hm_err need_object(struct hm_cx *cx, struct json v, const char *key, size_t max,
			  struct json *out)
{
	HM_TRY(json_need(cx, v, key, out));
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an object", key);
	if (json_size(*out) > max)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has too many members", key);
	return NULL;
}

/* --- signatures --- */

static bool has_signature(const struct tuf_metadata *m, struct hm_str key_id)
{
	for (size_t i = 0; i < m->signatures_n; i++)
		if (hm_eq(m->signatures[i].key_id, key_id))
			return true;
	return false;
}

static hm_err read_signatures(struct hm_cx *cx, struct json top, struct tuf_metadata *m)
{
	struct json list;
	HM_TRY(json_need(cx, top, "signatures", &list));
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"signatures\" is not a list");
	if (json_size(list) > HM_MAX_TUF_KEYS)
		return hm_fail(cx, HM_LIMIT, "there are too many signatures");
	m->signatures = hm_new(cx, struct tuf_signature, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct tuf_signature s;
		HM_TRY_IN(cx, json_need_str(cx, it.value, "keyid", &s.key_id), "signature");
		HM_TRY_IN(cx, json_need_str(cx, it.value, "sig", &s.hex), "signature");
		if (has_signature(m, s.key_id))
			return hm_fail(cx, HM_INPUT, "there are two signatures of key \"%.*s\"",
				       HM_FMT(s.key_id));
		m->signatures[m->signatures_n++] = s;
	}
	return NULL;
}

static const struct tuf_key *find_key(const struct tuf_metadata *root, struct hm_str id)
{
	for (size_t i = 0; i < root->keys_n; i++)
		if (hm_eq(root->keys[i].id, id))
			return &root->keys[i];
	return NULL;
}

hm_err trust_tuf_metadata_verify(struct hm_cx *cx, const struct tuf_metadata *root,
				 const struct tuf_metadata *m)
{
	const struct tuf_role_keys *r = &root->roles[m->role];
	struct hm_strs signers = { 0 };
	for (size_t i = 0; i < m->signatures_n; i++) {
		const struct tuf_signature *s = &m->signatures[i];
		const struct tuf_key *k = find_key(root, s->key_id);
		struct hm_str der;
		if (k && hm_strs_has(&r->ids, s->key_id) &&
		    trust_tuf_key_has_signed(cx, k, s, m->signed_bytes, &der))
			*hm_push(cx, &signers) = der;
	}
	hm_strs_sort_unique(&signers);
	if (signers.n >= r->threshold)
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "it has %zu of the %llu signatures that root version %llu asks for",
		       signers.n, (unsigned long long)r->threshold,
		       (unsigned long long)root->version);
}

/* --- what a root says --- */

static hm_err read_role(struct hm_cx *cx, struct json roles, const char *name,
			struct tuf_role_keys *out)
{
	struct json v, ids;
	HM_TRY(need_object(cx, roles, name, HM_MAX_TUF_KEYS, &v));
	HM_TRY(need_number(cx, v, "threshold", 1, &out->threshold));
	HM_TRY(json_need(cx, v, "keyids", &ids));
	if (!json_is_array(ids) || json_size(ids) > HM_MAX_TUF_KEYS)
		return hm_fail(cx, HM_INPUT, "\"keyids\" is not a list, or too long");
	for (struct json_iter it = json_iter(ids); json_next(&it);) {
		if (!json_is_string(it.value) || hm_strs_has(&out->ids, json_str(it.value)))
			return hm_fail(cx, HM_INPUT, "\"keyids\" has a key twice, or no text");
		*hm_push(cx, &out->ids) = json_str(it.value);
	}
	return NULL;
}

static hm_err read_root(struct hm_cx *cx, struct json v, struct tuf_metadata *m)
{
	struct json keys, roles, consistent = json_get(v, "consistent_snapshot");
	m->is_consistent = json_bool(consistent);
	if (json_is_there(consistent) && !json_is_bool(consistent))
		return hm_fail(cx, HM_INPUT, "\"consistent_snapshot\" is neither true nor false");
	HM_TRY(need_object(cx, v, "keys", HM_MAX_TUF_KEYS, &keys));
	HM_TRY(need_object(cx, v, "roles", HM_MAX_TUF_KEYS, &roles));
	m->keys = hm_new(cx, struct tuf_key, json_size(keys) + 1);
	for (struct json_iter it = json_iter(keys); json_next(&it);)
		HM_TRY_IN(cx, trust_tuf_key_parse(cx, it.key, it.value, &m->keys[m->keys_n++]),
			  "key \"%.*s\"", HM_FMT(it.key));
	for (size_t i = 0; i < TUF_ROLES; i++)
		HM_TRY_IN(cx, read_role(cx, roles, trust_tuf_role_names[i], &m->roles[i]),
			  "role \"%s\"", trust_tuf_role_names[i]);
	return NULL;
}

/* --- what the others name --- */

static hm_err read_hashes(struct hm_cx *cx, struct json v, struct tuf_file *f)
{
	struct json hashes = json_get(v, "hashes");
	f->has_hashes = json_is_there(hashes);
	if (!f->has_hashes)
		return NULL;
	if (!json_is_object(hashes) || !json_size(hashes))
		return hm_fail(cx, HM_INPUT, "\"hashes\" has none");
	for (struct json_iter it = json_iter(hashes); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "\"hashes\" has one that is not a text");
		for (size_t i = 0; i < CRYPTO_DIGESTS; i++)
			if (i != CRYPTO_SHA1 && hm_eqz(it.key, crypto_digest_rows[i].name))
				f->hashes[i] = json_str(it.value);
	}
	return NULL;
}

static hm_err read_file(struct hm_cx *cx, struct json v, bool is_target, struct tuf_file *f)
{
	f->has_length = json_is_there(json_get(v, "length"));
	if (f->has_length || is_target)
		HM_TRY(need_number(cx, v, "length", 0, &f->length));
	HM_TRY(read_hashes(cx, v, f));
	if (!is_target)
		return need_number(cx, v, "version", 1, &f->version);
	return f->has_hashes ? NULL : hm_fail(cx, HM_INPUT, "\"hashes\" is missing");
}

static hm_err read_files(struct hm_cx *cx, struct json v, struct tuf_metadata *m)
{
	bool is_target = m->role == TUF_TARGETS;
	struct json all;
	HM_TRY(need_object(cx, v, is_target ? "targets" : "meta", HM_MAX_TUF_FILES, &all));
	HM_TRY(hm_charge(cx, (json_size(all) + 1) * sizeof(struct tuf_file)));
	m->files = hm_new(cx, struct tuf_file, json_size(all) + 1);
	for (struct json_iter it = json_iter(all); json_next(&it);) {
		struct tuf_file *f = &m->files[m->files_n++];
		f->name = it.key;
		HM_TRY_IN(cx, read_file(cx, it.value, is_target, f), "\"%.*s\"", HM_FMT(it.key));
	}
	if (m->role == TUF_TIMESTAMP && !trust_tuf_metadata_file(m, HM_STR("snapshot.json")))
		return hm_fail(cx, HM_INPUT, "\"meta\" does not name snapshot.json");
	return NULL;
}

const struct tuf_file *trust_tuf_metadata_file(const struct tuf_metadata *m, struct hm_str name)
{
	for (size_t i = 0; i < m->files_n; i++)
		if (hm_eq(m->files[i].name, name))
			return &m->files[i];
	return NULL;
}

hm_err trust_tuf_file_check(struct hm_cx *cx, const struct tuf_file *f, struct hm_str bytes)
{
	bool known = false;
	if (f->has_length && bytes.n != f->length)
		return hm_fail(cx, HM_TRUST, "it has %zu bytes instead of %llu", bytes.n,
			       (unsigned long long)f->length);
	for (enum crypto_digest i = 0; i < CRYPTO_DIGESTS; i++) {
		if (!f->hashes[i].n)
			continue;
		known = true;
		if (!hm_eq(hm_hex(cx, crypto_digest_raw(cx, i, bytes)), f->hashes[i]))
			return hm_fail(cx, HM_TRUST, "its %s is another than is signed",
				       crypto_digest_rows[i].name);
	}
	if (f->has_hashes && !known)
		return hm_fail(cx, HM_INPUT, "it is signed by hashes that are not known");
	return NULL;
}

/* --- all of it --- */

/* "1.0" or "1.0.34": of the first major version (4.3). */
static bool is_spec_version(struct hm_str s)
{
	size_t parts = 0;
	bool first = true;
	while (s.n) {
		uint64_t number;
		if (!hm_u64(hm_cut(&s, '.'), UINT32_MAX, &number) || (first && number != 1))
			return false;
		first = false;
		parts++;
	}
	return parts == 2 || parts == 3;
}

static hm_err read_signed(struct hm_cx *cx, struct json v, struct tuf_metadata *m)
{
	struct hm_str type, spec, expires;
	HM_TRY(json_need_str(cx, v, "_type", &type));
	if (!hm_eqz(type, trust_tuf_role_names[m->role]))
		return hm_fail(cx, HM_INPUT, "it is of role \"%.*s\"", HM_FMT(type));
	HM_TRY(json_need_str(cx, v, "spec_version", &spec));
	if (!is_spec_version(spec))
		return hm_fail(cx, HM_INPUT, "\"spec_version\" \"%.*s\" is not supported",
			       HM_FMT(spec));
	HM_TRY(need_number(cx, v, "version", 1, &m->version));
	HM_TRY(json_need_str(cx, v, "expires", &expires));
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, expires, &m->expires), "\"expires\"");
	HM_TRY(m->role == TUF_ROOT ? read_root(cx, v, m) : read_files(cx, v, m));
	return json_canonical(cx, v, &m->signed_bytes);
}

static hm_err read_metadata(struct hm_cx *cx, struct tuf_metadata *m)
{
	struct json top, v;
	if (m->text.n > max_size(m->role))
		return hm_fail(cx, HM_LIMIT, "it is too large");
	HM_TRY(json_parse(cx, m->text, JSON_STRICT, &top));
	HM_TRY(need_object(cx, top, "signed", SIZE_MAX, &v));
	HM_TRY(read_signatures(cx, top, m));
	return read_signed(cx, v, m);
}

hm_err trust_tuf_metadata_parse(struct hm_cx *cx, enum tuf_role role, struct hm_str text,
				struct tuf_metadata *out)
{
	struct tuf_metadata m = { .text = text, .role = role };
	HM_TRY(read_metadata(cx, &m));
	*out = m;
	return NULL;
}
