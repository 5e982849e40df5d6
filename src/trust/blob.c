/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs: files that are signed, and verified with signatures that lie in files, too. */
#include <errno.h>
#include <unistd.h>

#include "trust/examine.h"

/* Bytes of a piece: it stays in the processor's cache between being read and being hashed. */
enum { STEP = 128 << 10 };

/* --- digests --- */

/* A piece from `at` on; fewer bytes only at the file's end. */
static hm_err read_piece(struct hm_cx *cx, const struct trust_blob *b, uint64_t at, char *room,
			 size_t *out_n)
{
	size_t n = 0;
	while (n < STEP) {
		ssize_t got = pread(b->fd, room + n, STEP - n, (off_t)(at + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", b->path);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*out_n = n;
	return NULL;
}

hm_err trust_blob_digest(struct hm_cx *cx, const struct trust_blob *b, enum crypto_digest alg,
			 struct hm_str *out)
{
	CRYPTO_AUTO_HASH hash;
	char *room = hm_alloc(cx, 1, STEP, 1);
	uint64_t at = 0;
	size_t n = STEP;
	crypto_hash_start(&hash, alg);
	while (n == STEP && at <= b->size) {
		HM_TRY(hm_alive(cx));
		HM_TRY(read_piece(cx, b, at, room, &n));
		crypto_hash_add(&hash, hm_bytes(room, n));
		hm_progress_add(b->bar, n);
		at += n;
	}
	if (at != b->size)
		return hm_fail(cx, HM_BUSY, "\"%s\" was changed while it was read", b->path);
	*out = crypto_hash_text(cx, &hash);
	return NULL;
}

/* --- sign --- */

static bool is_token(struct hm_str s)
{
	static const char marks[] = "!#$&^_.+-";
	for (size_t i = 0; i < s.n; i++) {
		char c = hm_lower_char(s.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !memchr(marks, c, sizeof(marks) - 1))
			return false;
	}
	return s.n > 0 && s.n <= 127;
}

/* RFC 6838, 4.2; parameters may follow. */
static bool is_media_type(struct hm_str s)
{
	struct hm_str parameters = s, sub = hm_cut(&parameters, ';');
	struct hm_str top = hm_cut(&sub, '/');
	return is_token(top) && is_token(sub) && !hm_has_control(parameters);
}

hm_err trust_blob_sign(struct hm_cx *cx, const struct trust_blob *b,
		       const struct trust_signer *signer, const struct trust_sign_options *o,
		       struct trust_sealed *out)
{
	struct oci_descriptor d = { .media_type = b->media_type, .size = b->size };
	if (!is_media_type(b->media_type))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid media type",
			       HM_FMT(b->media_type));
	if (signer->kind && signer->kind->describe)
		HM_TRY_IN(cx, signer->kind->describe(cx, signer->signer), "key \"%.*s\"",
			  HM_FMT(signer->name));
	HM_TRY(trust_blob_digest(cx, b, trust_digest_of(signer->signer->alg), &d.digest));
	return trust_seal(cx, &d, signer, o, out);
}

/* --- verify --- */

/* What signatures have been held against so far. */
struct matching {
	const struct trust_blob *blob;
	struct hm_str digests[CRYPTO_DIGESTS]; /* empty: not wanted yet */
	char text[CRYPTO_DIGESTS][2 * CRYPTO_DIGEST_MAX + 16];
};

static hm_err know_digest(struct hm_cx *cx, struct matching *m, enum crypto_digest alg)
{
	struct hm_str found;
	if (m->digests[alg].n)
		return NULL;
	HM_TRY(trust_blob_digest(cx, m->blob, alg, &found));
	/* the next signature has memory of its own */
	memcpy(m->text[alg], found.p, found.n);
	m->digests[alg] = (struct hm_str){ m->text[alg], found.n };
	return NULL;
}

/* The blob as bundles ask for it. */
static hm_err give_digest(struct hm_cx *cx, void *arg, enum crypto_digest alg, struct hm_str *out)
{
	struct matching *m = arg;
	uint8_t *raw = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	HM_TRY(know_digest(cx, m, alg));
	struct hm_str hex = m->digests[alg];
	hm_cut(&hex, ':');
	HM_TRY(hm_unhex(cx, hex, raw));
	*out = hm_bytes(raw, hex.n / 2);
	return NULL;
}

static hm_err give_bytes(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	const struct matching *m = arg;
	return hm_read_file(cx, m->blob->path, HM_MAX_JSON, out);
}

static hm_err match_blob(struct hm_cx *cx, void *arg, enum crypto_alg alg,
			 const struct oci_descriptor *target)
{
	struct matching *m = arg;
	struct hm_str type = m->blob->media_type, prefix = target->digest;
	enum crypto_digest digest = trust_digest_of(alg);
	hm_cut(&prefix, ':');
	prefix = hm_sub(target->digest, 0, target->digest.n - prefix.n);
	if (type.n && !hm_eq(type, target->media_type))
		return hm_fail(cx, HM_TRUST,
			       "it is the signature of a blob of type \"%.*s\", not \"%.*s\"",
			       HM_FMT(target->media_type), HM_FMT(type));
	if (!hm_eq(prefix, hm_fmt(cx, "%s:", crypto_digest_rows[digest].name)))
		return hm_fail(cx, HM_TRUST,
			       "it names the blob by \"%.*s\", and not by %s as its key demands",
			       HM_FMT(target->digest), crypto_digest_rows[digest].name);
	if (target->size == m->blob->size)
		HM_TRY(know_digest(cx, m, digest));
	if (target->size != m->blob->size || !hm_eq(target->digest, m->digests[digest]))
		return hm_fail(cx, HM_TRUST, "it is a signature of something else (%.*s)",
			       HM_FMT(target->digest));
	return NULL;
}

const struct envelope_format *trust_blob_format(struct hm_str file_name)
{
	static const struct hm_str end = HM_STR_INIT(".sig");
	if (file_name.n < end.n || hm_cmp_nocase(hm_from(file_name, file_name.n - end.n), end) != 0)
		return NULL;
	file_name.n -= end.n;
	size_t dot = hm_rfind_char(file_name, '.');
	if (dot == SIZE_MAX)
		return NULL;
	for (const struct envelope_format *const *f = envelope_formats; *f; f++)
		if ((*f)->sign &&
		    hm_cmp_nocase(hm_from(file_name, dot + 1), hm_cstr((*f)->name)) == 0)
			return *f;
	return NULL;
}

/* trust-store-trust-policy.md, "Signature Evaluation": where the name does not say the format, each
 * is tried. */
static const char *find_type(struct hm_cx *cx, const struct trust_blob_signature *s)
{
	const struct envelope_format *said = trust_blob_format(s->name);
	if (said)
		return said->media_type;
	for (const struct envelope_format *const *f = envelope_formats; *f; f++) {
		ENVELOPE_AUTO e = { 0 };
		if ((*f)->sign && !envelope_parse(cx, hm_cstr((*f)->media_type), s->bytes, &e))
			return (*f)->media_type;
	}
	return NULL;
}

/* Sigstore's bundles say what they are; whether of a version that is known, their reader tells. */
static bool is_bundle(struct hm_cx *cx, const struct trust_blob_signature *s)
{
	struct json top;
	return !trust_blob_format(s->name) && s->bytes.n <= HM_MAX_ENVELOPE &&
	       !json_parse(cx, s->bytes, JSON_STRICT, &top) &&
	       json_str(json_get(top, "mediaType")).n;
}

static const char no_envelope[] = "it is not an envelope of any known format";

hm_err trust_blob_claim(struct hm_cx *cx, const struct trust_blob_signature *s,
			struct hm_str *out_type, struct trust_claim *out)
{
	const char *type = find_type(cx, s);
	if (!type)
		return hm_fail(cx, HM_INPUT, "%s", no_envelope);
	*out_type = hm_cstr(type);
	return trust_claim_read(cx, *out_type, s->bytes, out);
}

static hm_err examine_one(struct hm_cx *cx, const struct trust_examination *x,
			  const struct trust_blob_signature *s, struct trust_signature *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	bool bundle = is_bundle(&own, s);
	const char *type = bundle ? ENVELOPE_BUNDLE_TYPE : find_type(&own, s);
	hm_err err = NULL;
	if (bundle)
		err = trust_examine(&own, x, &trust_sigstore, hm_cstr(type), s->bytes, out);
	else if (type)
		err = trust_examine(&own, x, &trust_notary, hm_cstr(type), s->bytes, out);
	else
		out->why = hm_cstr(no_envelope);
	trust_signature_copy(cx, out);
	return hm_fault_copy(cx, err);
}

static hm_err examine_all(struct hm_cx *cx, const struct trust_examination *x,
			  const struct trust_blob_question *q, struct trust_verdict *v)
{
	const struct trust_requirement *require = &x->statement->require;
	hm_err undecided = NULL;
	v->signatures = hm_new(cx, struct trust_signature, q->signatures_n + 1);
	for (size_t i = 0; i < q->signatures_n; i++) {
		struct trust_signature *s = &v->signatures[v->signatures_n++];
		trust_signature_start(x->statement, s);
		s->file = hm_dup(cx, q->signatures[i].name);
		hm_err err = examine_one(cx, x, &q->signatures[i], s);
		if (s->good)
			trust_judge(cx, require, v);
		if (v->verified)
			return NULL;
		if (err && !undecided)
			undecided = hm_wrap(cx, err, "\"%.*s\"", HM_FMT(q->signatures[i].name));
	}
	/* the signature that could not be looked at might have been the good one */
	HM_TRY(undecided);
	v->why = trust_explain(cx, require, q->signatures_n, v);
	return NULL;
}

hm_err trust_blob_verify(struct hm_cx *cx, const struct trust_config *t,
			 const struct trust_blob_question *q, struct trust_verdict *out)
{
	struct trust_verdict v = { 0 };
	struct matching m = { .blob = q->blob };
	const struct sigstore_artifact artifact = { give_digest, give_bytes, &m };
	const struct trust_statement *s = trust_blob_policy_select(&t->policy, q->policy_name);
	if (!s) {
		v.why = q->policy_name.n
				? hm_fmt(cx, "the trust policy has no statement \"%.*s\"",
					 HM_FMT(q->policy_name))
				: HM_STR("the trust policy has no global statement, and none was named");
		*out = v;
		return NULL;
	}
	v.policy = hm_dup(cx, s->name);
	v.level = s->level;
	if (s->level == TRUST_SKIP) {
		v.verified = v.skipped = true;
		v.valid_until = INT64_MAX;
	} else {
		struct trust_examination x = { .config = t,
					       .statement = s,
					       .known_later = { match_blob, &m },
					       .artifact = &artifact,
					       .options = q->options };
		HM_TRY(examine_all(cx, &x, q, &v));
	}
	*out = v;
	return NULL;
}
