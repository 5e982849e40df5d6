/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: a package up to its payload. */
#include "base/worker.h"
#include "codec/base64.h"
#include "codec/stream.h"
#include "repair/repair.h"
#include "repair/rpm/rpm.h"
#include "repair/rpm/tags.h"

enum { LEAD = 96, MAGIC = 8, SIGNATURES_MAX = 16 };
static const char lead_magic[] = "\xed\xab\xee\xdb", magic[] = "\x8e\xad\xe8\x01";

struct job {
	int in;
	uint64_t at;
};

static hm_err read_exactly(struct hm_cx *cx, struct job *j, char *room, size_t n)
{
	for (size_t got = 1; n; n -= got, room += got, j->at += got) {
		HM_TRY(stream_read_fd(cx, &j->in, room, n, &got));
		if (!got)
			return hm_fail(cx, HM_INPUT, "it ends early");
	}
	return NULL;
}

/* Without magic. */
static hm_err read_header(struct hm_cx *cx, struct job *j, struct hm_str *out)
{
	char head[MAGIC + RPM_INTRO];
	HM_TRY(read_exactly(cx, j, head, sizeof(head)));
	struct hm_cur c = hm_cur(hm_bytes(head + MAGIC, RPM_INTRO));
	uint64_t entries = hm_be(&c, 4), size = hm_be(&c, 4);
	if (memcmp(head, magic, sizeof(magic) - 1) != 0)
		return hm_fail(cx, HM_INPUT, "it is not a package of rpm");
	uint64_t n = RPM_INTRO + entries * RPM_ENTRY + size;
	if (n > HM_MAX_REPAIR_CONTROL)
		return hm_fail(cx, HM_LIMIT, "a header of %llu bytes", (unsigned long long)n);
	char *room = hm_new(cx, char, n);
	memcpy(room, head + MAGIC, RPM_INTRO);
	HM_TRY(read_exactly(cx, j, room + RPM_INTRO, (size_t)n - RPM_INTRO));
	*out = hm_bytes(room, (size_t)n);
	return NULL;
}

/*
 * All of the header is one region that nobody may change: what is installed later lies behind it.
 * The region's trailer is its last data (rpm: lib/header.c).
 */
static hm_err check_region(struct hm_cx *cx, const struct rpm_header *h)
{
	struct hm_cur c = hm_cur(h->index);
	uint64_t tag = hm_be(&c, 4), type = hm_be(&c, 4), offset = hm_be(&c, 4), n = hm_be(&c, 4);
	struct hm_cur t = hm_cur(hm_from(h->data, (size_t)offset));
	uint64_t again = hm_be(&t, 4);
	hm_be(&t, 4);
	uint64_t all = 0x100000000 - hm_be(&t, 4);
	if (c.bad || t.bad || tag != RPM_REGION || again != RPM_REGION || type != RPM_BIN ||
	    n != RPM_ENTRY || offset + RPM_ENTRY != h->data.n || all != h->index.n)
		return hm_fail(cx, HM_INPUT, "its header is not one region, as rpm makes it");
	return NULL;
}

static void put_signatures(struct hm_cx *cx, const struct rpm_header *h, struct hm_buf *out)
{
	static const uint32_t tags[] = { RPM_TAG_RSAHEADER, RPM_TAG_DSAHEADER };
	struct rpm_values v = repair_rpm_strings(h, RPM_TAG_OPENPGP);
	struct hm_strs found = { 0 };
	struct hm_str s;
	uint32_t type, count;
	for (size_t i = 0; i < HM_LEN(tags); i++)
		if (repair_rpm_raw(h, tags[i], &type, &count, &s) && type == RPM_BIN)
			*hm_push(cx, &found) = s;
	while (found.n < SIGNATURES_MAX && repair_rpm_next_string(&v, &s)) {
		struct hm_str raw;
		if (!base64_parse(cx, BASE64_STD, s, &raw))
			*hm_push(cx, &found) = raw;
	}
	hm_buf_uvarint(out, found.n);
	for (size_t i = 0; i < found.n; i++)
		hm_buf_counted(out, found.p[i]);
}

hm_err repair_rpm_head_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct job j = { .in = in };
	struct hm_str signatures, header;
	struct rpm_header s, h;
	char lead[LEAD];
	(void)args;
	HM_TRY(read_exactly(cx, &j, lead, sizeof(lead)));
	if (memcmp(lead, lead_magic, sizeof(lead_magic) - 1) != 0)
		return hm_fail(cx, HM_INPUT, "it is not a package of rpm");
	if (lead[6] || lead[7])
		return hm_fail(cx, HM_INPUT, "it is a source package");
	HM_TRY_IN(cx, read_header(cx, &j, &signatures), "its signatures");
	char pad[MAGIC];
	HM_TRY(read_exactly(cx, &j, pad, (size_t)(-j.at % 8)));
	uint64_t start = j.at;
	HM_TRY_IN(cx, read_header(cx, &j, &header), "its header");
	HM_TRY(repair_rpm_header(cx, signatures, &s));
	HM_TRY(repair_rpm_header(cx, header, &h));
	HM_TRY(check_region(cx, &h));
	hm_buf_uvarint(out, start);
	hm_buf_uvarint(out, j.at - start);
	hm_buf_counted(out, signatures);
	hm_buf_counted(out, header);
	put_signatures(cx, &s, out);
	return repair_rpm_record_put(cx, &h, out);
}
