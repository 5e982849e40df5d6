/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: which files repomd.xml names. */
#include "base/worker.h"
#include "repair/repair.h"
#include "repair/rpm/rpm.h"
#include "repair/rpm/solv.h"

struct reading {
	Pool *pool;
	FILE *file;
};

static void reading_done(struct reading *r)
{
	if (r->file)
		fclose(r->file);
	if (r->pool)
		repair_rpm_solv.pool_free(r->pool);
}

/* Place, kind of hash, hash; all empty where it is not named. */
static void put_file(const struct reading *r, Repo *repo, const char *type, struct hm_buf *out)
{
	const struct rpm_solv *s = &repair_rpm_solv;
	const char *place = NULL, *sum = NULL;
	Dataiterator it;
	Id kind = 0;
	s->dataiterator_init(&it, r->pool, repo, SOLVID_META, REPOSITORY_REPOMD_TYPE, type,
			     SEARCH_STRING);
	s->dataiterator_prepend_keyname(&it, REPOSITORY_REPOMD);
	if (s->dataiterator_step(&it)) {
		s->dataiterator_setpos_parent(&it);
		place = s->pool_lookup_str(r->pool, SOLVID_POS, REPOSITORY_REPOMD_LOCATION);
		sum = s->pool_lookup_checksum(r->pool, SOLVID_POS, REPOSITORY_REPOMD_CHECKSUM,
					      &kind);
	}
	hm_buf_counted(out, hm_cstr(place));
	hm_buf_char(out, kind == REPOKEY_TYPE_SHA256   ? RPM_SHA256
			 : kind == REPOKEY_TYPE_SHA512 ? RPM_SHA512
						       : RPM_OTHER_HASH);
	hm_buf_counted(out, hm_cstr(sum));
	s->dataiterator_free(&it);
}

hm_err repair_rpm_repomd_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(reading_done) struct reading r = { 0 };
	const struct rpm_solv *s = &repair_rpm_solv;
	struct hm_str text;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "repomd.xml", HM_MAX_REPAIR_RELEASE, &text));
	if (!text.n)
		return hm_fail(cx, HM_INPUT, "it is empty");
	r.pool = s->pool_create();
	Repo *repo = s->repo_create(r.pool, "repository");
	r.file = fmemopen(hm_dupz(cx, text), text.n, "r");
	if (!r.file)
		return hm_fail_os(cx, "could not read it");
	if (s->repo_add_repomdxml(repo, r.file, 0) != 0)
		return hm_fail(cx, HM_INPUT, "%s", s->pool_errstr(r.pool));
	hm_buf_uvarint(out, s->repo_lookup_num(repo, SOLVID_META, REPOSITORY_TIMESTAMP, 0));
	put_file(&r, repo, "primary", out);
	put_file(&r, repo, "filelists", out);
	put_file(&r, repo, "modules", out);
	return NULL;
}
