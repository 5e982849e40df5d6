/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/formats/document.h"

#include "crypto/crypto.h"

struct document_time inventory_document_time(struct hm_cx *cx)
{
	int64_t when = 0;
	bool is_given = hm_source_date_epoch(&when);
	return (struct document_time){ is_given, hm_rfc3339(cx, is_given ? when : 0) };
}

hm_err inventory_document_seal(struct hm_cx *cx, struct hm_buf *doc)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[CRYPTO_DIGEST_MAX];
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, doc, "the SBOM", &text));
	size_t at = hm_find(text, HM_STR(DOCUMENT_NO_UUID));
	CRYPTO_AUTO_HASH h;
	crypto_hash_start(&h, CRYPTO_SHA256);
	crypto_hash_add(&h, text);
	crypto_hash_end(&h, digest);
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	for (size_t i = 0; at != SIZE_MAX && i < 16; i++) {
		at += i == 4 || i == 6 || i == 8 || i == 10;
		doc->p[at++] = digits[digest[i] >> 4];
		doc->p[at++] = digits[digest[i] & 15];
	}
	return NULL;
}

struct hm_str *inventory_document_ids(struct hm_cx *cx, const struct inventory *inv)
{
	struct hm_map seen = { 0 };
	struct hm_str *ids = hm_new(cx, struct hm_str, inv->n + 1);
	for (size_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
		hm_buf_counted(&b, c->purl);
		hm_buf_counted(&b, c->range);
		for (size_t k = 0; k < c->locations_n; k++)
			hm_buf_counted(&b, c->locations[k].path);
		do { /* what is the same in all of that is told apart by its place */
			struct hm_str hex =
				hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, hm_buf_str(&b)));
			ids[i] = hm_sub(hex, 0, 16);
			hm_buf_char(&b, '\0');
		} while (hm_map_has(&seen, ids[i]) && !b.over);
		hm_map_put(cx, &seen, ids[i], NULL);
	}
	return ids;
}

void inventory_document_purls(struct hm_cx *cx, const struct inventory *inv, struct hm_map *by_purl)
{
	for (size_t i = 0; i < inv->n; i++) {
		void **slot = hm_map_slot(cx, by_purl, inv->components[i].purl);
		if (!*slot)
			*slot = (void *)(uintptr_t)(i + 1);
	}
}

size_t inventory_document_owner(const struct hm_map *by_purl, struct hm_str purl)
{
	uintptr_t i = purl.n ? (uintptr_t)hm_map_get(by_purl, purl) : 0;
	return i ? i - 1 : SIZE_MAX;
}

struct hm_str inventory_document_name(struct hm_cx *cx, const struct inventory_component *c)
{
	if (c->namespace.n && inventory_type_has(c->type, INVENTORY_SCOPE))
		return hm_fmt(cx, "%.*s/%.*s", HM_FMT(c->namespace), HM_FMT(c->name));
	return c->name;
}

bool inventory_is_url(struct hm_str s)
{
	if (!hm_starts(s, HM_STR("https://")) && !hm_starts(s, HM_STR("http://")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) &&
		    !hm_is_one_of(s.p[i], "-._~:/?#@!$&'()*+,;=%"))
			return false;
	/* a percent sign and brackets have rules of their own: rare enough to leave out */
	return s.n > 8 && hm_find_char(s, '%') == SIZE_MAX;
}

struct hm_str inventory_document_title(const struct inventory *inv)
{
	struct hm_str name = inv->name;
	while (name.n > 1 && hm_ends(name, HM_STR("/")))
		name.n--;
	if (hm_starts(name, HM_STR("/")) || hm_starts(name, HM_STR(".")))
		name = hm_basename(name); /* where it lay when it was read is not part of it */
	return name.n ? name : HM_STR("unnamed");
}

struct hm_str inventory_document_image(struct hm_cx *cx, const struct inventory *inv)
{
	struct hm_str name = hm_basename(inventory_document_title(inv));
	size_t colon = hm_find_char(name, ':');
	if (!inv->digest.n)
		return HM_STR("");
	struct inventory_component c = { .type = HM_STR("oci"),
					 .name = hm_lower(cx, hm_sub(name, 0, colon)),
					 .version = inv->digest };
	return inventory_purl(cx, &c);
}

/* The name that the format has for the algorithm; NULL: none of these, or a wrong length. */
static const char *hash_name(const char *const names[4], struct hm_str hash, struct hm_str *out_hex)
{
	static const struct {
		const char *name;
		size_t size;
	} known[4] = { { "sha1", 40 }, { "sha256", 64 }, { "sha384", 96 }, { "sha512", 128 } };
	struct hm_str hex = hash, alg = hm_cut(&hex, ':');
	for (size_t i = 0; i < HM_LEN(known); i++) {
		if (!hm_eqz(alg, known[i].name) || hex.n != known[i].size)
			continue;
		*out_hex = hex;
		for (size_t k = 0; k < hex.n; k++)
			if (!hm_is_digit(hex.p[k]) && (hex.p[k] < 'a' || hex.p[k] > 'f'))
				return NULL;
		return names[i];
	}
	return NULL;
}

void inventory_document_hashes(struct json_out *o, const struct document_hashes *format,
			       const struct hm_strs *hashes)
{
	struct hm_str hex;
	bool open = false;
	for (size_t i = 0; i < hashes->n; i++) {
		const char *name = hash_name(format->names, hashes->p[i], &hex);
		if (!name)
			continue;
		if (!open)
			json_open(o, format->key, '[');
		open = true;
		json_open(o, NULL, '{');
		json_putz(o, format->algorithm, name);
		json_put_str(o, format->value, hex);
		json_close(o, '}');
	}
	if (open)
		json_close(o, ']');
}
