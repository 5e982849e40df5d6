/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: deb(5), a package, becomes records. */
#include "codec/ar.h"
#include "codec/stream.h"
#include "repair/apt/deb.h"
#include "repair/records.h"
#include "repair/repair.h"

static hm_err check_version(struct hm_cx *cx, struct ar *a, const struct ar_member *m)
{
	char room[8];
	size_t n = 0;
	if (hm_eqz(m->name, "debian-binary") && m->size < sizeof(room))
		HM_TRY(ar_read(cx, a, room, sizeof(room), &n));
	return hm_starts(hm_bytes(room, n), HM_STR("2."))
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "it is not a Debian package of format 2");
}

/* Names that begin so are for others (deb(5)). */
static hm_err next_member(struct hm_cx *cx, struct ar *a, struct ar_member *out)
{
	bool more = true;
	do
		HM_TRY(ar_next(cx, a, out, &more));
	while (more && hm_starts(out->name, HM_STR("_")));
	return more ? NULL : hm_fail(cx, HM_INPUT, "the package has no more parts");
}

static hm_err read_part(struct hm_cx *cx, struct ar *a, const char *name, char part)
{
	struct ar_member m;
	HM_TRY(next_member(cx, a, &m));
	struct hm_str end =
		hm_starts(m.name, hm_cstr(name)) ? hm_from(m.name, strlen(name)) : HM_STR("?");
	if (end.n && !hm_eqz(end, ".gz") && !hm_eqz(end, ".xz") && !hm_eqz(end, ".zst"))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" where %s should be", HM_FMT(m.name), name);
	HM_TRY_IN(cx, repair_records_say(cx, (struct stream_source){ ar_read, a }, part), "%.*s",
		  HM_FMT(m.name));
	return NULL;
}

hm_err repair_deb_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct ar a;
	struct ar_member m;
	(void)args;
	(void)out;
	HM_TRY(ar_open(cx, (struct stream_source){ stream_read_fd, &in }, &a));
	HM_TRY(next_member(cx, &a, &m));
	HM_TRY(check_version(cx, &a, &m));
	HM_TRY(read_part(cx, &a, "control.tar", RECORD_CONTROL));
	return read_part(cx, &a, "data.tar", RECORD_FILES);
}
