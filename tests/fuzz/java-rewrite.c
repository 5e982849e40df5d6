/* SPDX-License-Identifier: Apache-2.0 */
/* An archive whose first jar gets another in its place: what is written can be written again, has
 * that jar, and else the same entries, byte by byte. */
#include <stdlib.h>

#include "codec/gzip.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hm_str jar = HM_STR_INIT("a new jar");

static const struct java_entry *find_jar(const struct java_archive *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (inventory_is_archive(a->entries[i].name))
			return &a->entries[i];
	return NULL;
}

static void put_together(const struct java_pieces *pieces, struct hm_str old, struct hm_buf *out)
{
	for (size_t i = 0; i < pieces->n; i++) {
		const struct java_piece *p = &pieces->p[i];
		if (p->kind == JAVA_OLD && (p->at > old.n || p->n > old.n - p->at))
			abort();
		if (p->kind == JAVA_PUT && p->put != 0)
			abort();
		hm_buf_add(out, p->kind == JAVA_OLD   ? hm_sub(old, (size_t)p->at, (size_t)p->n)
				: p->kind == JAVA_PUT ? jar
						      : p->text);
	}
}

static struct hm_str bytes_of(const struct java_archive *a, const struct java_entry *e)
{
	return hm_sub(a->zip.bytes, (size_t)e->at, (size_t)(e->end - e->at));
}

static void compare(struct hm_cx *cx, const struct java_archive *a, const struct java_archive *b,
		    const struct java_put *put)
{
	size_t puts = 0, first = a->order[0];
	struct hm_str got;
	if (a->n != b->n || !hm_eq(a->comment, b->comment) ||
	    !hm_eq(hm_sub(a->zip.bytes, 0, (size_t)a->entries[first].at),
		   hm_sub(b->zip.bytes, 0, (size_t)b->entries[first].at)))
		abort();
	for (size_t i = 0; i < a->n; i++) {
		const struct java_entry *x = &a->entries[i], *y = &b->entries[i];
		if (hm_eq(x->name, put->entry)) {
			puts++;
			if (!hm_eq(y->name, put->name) ||
			    zip_read(cx, &b->zip, &b->zip.entries[i], 0, &got) || !hm_eq(got, jar))
				abort();
		} else if (!hm_eq(x->name, y->name) ||
			   (!repair_java_is_index(x->name) &&
			    (!hm_eq(bytes_of(a, x), bytes_of(b, y)) ||
			     !hm_eq(hm_from(x->central, 46), hm_from(y->central, 46))))) {
			abort();
		}
	}
	if (puts != 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct hm_str old = hm_bytes(data, size);
	struct java_archive before, after;
	struct java_pieces pieces = { 0 };
	struct java_puts puts = { 0 };
	if (repair_java_archive(&cx, old, &before))
		return 0;
	const struct java_entry *e = find_jar(&before);
	if (!e)
		return 0;
	struct hm_str folder = hm_sub(e->name, 0, e->name.n - hm_basename(e->name).n);
	*hm_push(&cx, &puts) =
		(struct java_put){ .entry = e->name,
				   .name = hm_fmt(&cx, "%.*snew-9.jar", HM_FMT(folder)),
				   .size = jar.n,
				   .crc = gzip_crc32(jar),
				   .time = 1700000000 };
	if (repair_java_rewrite(&cx, old, &puts, &pieces))
		return 0;
	put_together(&pieces, old, &b);
	if (b.over)
		return 0;
	if (repair_java_archive(&cx, hm_buf_str(&b), &after))
		abort();
	compare(&cx, &before, &after, &puts.p[0]);
	return 0;
}
