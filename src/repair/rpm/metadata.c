/* SPDX-License-Identifier: Apache-2.0 */
/* repomd.xml, its signature, and the metadata that it names. */
#include <unistd.h>

#include "base/worker.h"
#include "repair/rpm/rpm.h"

#define REPOMD "repodata/repomd.xml"

struct named {
	struct hm_str path, sum;
	enum rpm_hash kind;
};
struct repomd {
	uint64_t timestamp;
	struct named primary, filelists, modules;
};

static hm_err check_signature(struct hm_cx *cx, const struct repair_from *from,
			      struct rpm_repository *r, struct hm_str text,
			      struct repair_signed *out)
{
	struct hm_str signature;
	bool there;
	HM_TRY(repair_fetch_text(cx, from, HM_STR(REPOMD ".asc"), HM_MAX_REPAIR_RELEASE, &signature,
				 &there));
	if (there) {
		HM_TRY_IN(cx, repair_openpgp_detached(cx, text, signature, &r->keys, out), REPOMD);
		r->is_verified = true;
	} else if (r->signed_metadata) {
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST,
				       "its metadata is not signed (no \"" REPOMD
				       ".asc\"), and repo_gpgcheck asks for it"),
			       "another mirror, or one that has it");
	}
	return NULL;
}

static void read_named(struct hm_cur *c, struct named *n)
{
	n->path = hm_take_str(c, hm_uvarint(c));
	uint64_t kind = hm_le(c, 1);
	n->kind = kind <= RPM_SHA512 ? (enum rpm_hash)kind : RPM_OTHER_HASH;
	n->sum = hm_take_str(c, hm_uvarint(c));
}

static hm_err read_repomd(struct hm_cx *cx, struct hm_str text, struct repomd *out)
{
	struct hm_str answer;
	HM_TRY(hm_worker_run(cx, REPAIR_RPM_REPOMD_JOB, HM_STR(""), text, &answer));
	struct hm_cur c = hm_cur(answer);
	out->timestamp = hm_uvarint(&c);
	read_named(&c, &out->primary);
	read_named(&c, &out->filelists);
	read_named(&c, &out->modules);
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
	return out->primary.path.n ? NULL
				   : hm_fail(cx, HM_INPUT, "it does not name the primary metadata");
}

/* What is kept of a repository: how new it was, and whether somebody had signed that. */
struct remembered {
	char *file;
	uint64_t when;
	bool is_signed;
};

static hm_err remember(struct hm_cx *cx, const struct repair_options *o, struct hm_str url,
		       struct remembered *out)
{
	struct hm_str key = hm_fmt(cx, "rpm\n%.*s\n", HM_FMT(url)), when;
	struct hm_str hex = crypto_digest_text(cx, CRYPTO_SHA256, key), bytes = HM_STR("");
	*out = (struct remembered){ 0 };
	HM_TRY(hm_mkdirs(cx, o->seen_dir, 0700));
	out->file = hm_path(cx, o->seen_dir, hm_dupz(cx, hm_from(hex, strlen("sha256:"))));
	if (hm_exists(out->file))
		HM_TRY(hm_read_file(cx, out->file, 64, &bytes));
	bytes = hm_trim(bytes);
	when = hm_cut(&bytes, ' ');
	out->is_signed = hm_eqz(bytes, "signed");
	if (when.n && !hm_u64(when, INT64_MAX, &out->when))
		return hm_fail(cx, HM_INPUT, "\"%s\" is damaged: remove it", out->file);
	return NULL;
}

static hm_err compare_age(struct hm_cx *cx, const struct remembered *seen, uint64_t when,
			  bool is_signed)
{
	static const char hint[] = "another mirror, or --allow-expired";
	if (seen->is_signed && !is_signed)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST,
				       "it is not signed, and it was when it was seen before"),
			       "%s", hint);
	if (seen->when > when)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST,
				       "it is of %.*s, and the one that was there before is of "
				       "%.*s: somebody may be keeping fixes away",
				       HM_FMT(hm_rfc3339(cx, (int64_t)when)),
				       HM_FMT(hm_rfc3339(cx, (int64_t)seen->when))),
			       "%s", hint);
	return NULL;
}

/* Older metadata in the place of newer keeps fixes away: a signature stays good for ever. */
static hm_err check_age(struct hm_cx *cx, const struct repair_run *run,
			const struct rpm_repository *r, const struct repomd *m,
			struct hm_str signer)
{
	enum { FUTURE = 300 }; /* clocks differ */
	const struct repair_options *o = run->o;
	struct remembered seen;
	if (m->timestamp > (uint64_t)o->now + FUTURE && m->timestamp <= INT64_MAX)
		return hm_fail(cx, HM_TRUST, "it is from the future (%.*s)",
			       HM_FMT(hm_rfc3339(cx, (int64_t)m->timestamp)));
	if (!o->seen_dir || m->timestamp > INT64_MAX)
		return NULL;
	HM_TRY(remember(cx, o, r->url, &seen));
	if (!o->allow_expired)
		HM_TRY(compare_age(cx, &seen, m->timestamp, signer.n > 0));
	if (seen.when >= m->timestamp && (seen.is_signed || !signer.n))
		return NULL;
	uint64_t newest = seen.when > m->timestamp ? seen.when : m->timestamp;
	return hm_write_file(cx, seen.file,
			     hm_fmt(cx, "%llu%s\n", (unsigned long long)newest,
				    seen.is_signed || signer.n ? " signed" : ""),
			     0600);
}

static hm_err fetch_named(struct hm_cx *cx, const struct repair_from *from, const struct named *n,
			  struct hm_str *out)
{
	bool there;
	if (n->kind == RPM_OTHER_HASH)
		return hm_fail(cx, HM_TRUST, "\"" REPOMD "\" has no SHA-256 or SHA-512 of \"%.*s\"",
			       HM_FMT(n->path));
	HM_TRY(repair_fetch_text(cx, from, n->path, HM_MAX_REPAIR_INDEX, out, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT, "it lacks \"%.*s\", which its \"" REPOMD "\" names",
			       HM_FMT(n->path));
	bool large = n->kind == RPM_SHA512;
	struct hm_str have =
		hm_from(crypto_digest_text(cx, large ? CRYPTO_SHA512 : CRYPTO_SHA256, *out),
			strlen("sha256:"));
	if (hm_eq(have, n->sum))
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "\"%.*s\" is not the file that \"" REPOMD "\" names: %s %.*s, not %.*s",
		       HM_FMT(n->path), large ? "SHA-512" : "SHA-256", HM_FMT(have),
		       HM_FMT(n->sum));
}

static hm_err fetch(struct hm_cx *cx, const struct repair_run *run, struct rpm_repository *r)
{
	struct repair_from from = { run->o->http, r->url };
	struct repair_signed signed_text = { 0 };
	struct repomd m = { 0 };
	struct hm_str text, who;
	bool there;
	HM_TRY(repair_fetch_text(cx, &from, HM_STR(REPOMD), HM_MAX_REPAIR_RELEASE, &text, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT, "it has no \"" REPOMD "\"");
	HM_TRY(check_signature(cx, &from, r, text, &signed_text));
	HM_TRY_IN(cx, read_repomd(cx, text, &m), REPOMD);
	HM_TRY_IN(cx, check_age(cx, run, r, &m, signed_text.signer), REPOMD);
	HM_TRY(fetch_named(cx, &from, &m.primary, &r->primary));
	who = r->is_verified ? hm_fmt(cx, "signed by %.*s", HM_FMT(signed_text.signer))
			     : HM_STR("its metadata is not signed, its packages must be");
	*hm_push(cx, &run->result->repositories) =
		hm_fmt(cx, "%.*s (%.*s, %.*s)", HM_FMT(r->url), HM_FMT(who),
		       HM_FMT(hm_rfc3339(cx, (int64_t)m.timestamp)));
	if (m.modules.path.n)
		*hm_push(cx, &run->result->notes) =
			hm_fmt(cx,
			       "repository %.*s has modules: packages of their streams were "
			       "passed over",
			       HM_FMT(r->name));
	return NULL;
}

hm_err repair_rpm_metadata(struct hm_cx *cx, const struct repair_run *run, struct rpm_repository *r)
{
	HM_TRY(repair_base_check(cx, r->url));
	return fetch(cx, run, r);
}
