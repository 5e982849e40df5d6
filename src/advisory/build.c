/* SPDX-License-Identifier: Apache-2.0 */
/* The database file from records. Its bytes follow from the records alone. */
#include <stdlib.h>

#include "advisory/db.h"
#include "crypto/crypto.h"

struct text {
	struct hm_str s;
	struct hm_str binary_key; /* of one that names a binary package */
	uint64_t uses;
	uint32_t number;
};

struct entry {
	struct hm_str ecosystem, name;
	uint32_t record, affected;
};

struct posting {
	struct hm_str id;
	uint32_t record;
};

struct build {
	struct hm_cx *cx;
	struct advisory_record *records;
	size_t n;
	struct hm_map texts;
	struct text **numbered;
	HM_VEC(struct entry) entries;
	HM_VEC(struct posting) postings;
	struct hm_buf sections[ADVISORY_SECTIONS];
};

static struct text *find_text(struct build *b, struct hm_str s)
{
	void **slot = hm_map_slot(b->cx, &b->texts, s);
	if (!*slot) {
		struct text *t = hm_new(b->cx, struct text, 1);
		t->s = s;
		*slot = t;
	}
	return *slot;
}

static uint32_t count_use(void *arg, struct hm_str s)
{
	find_text(arg, s)->uses++;
	return 0;
}

static uint32_t number_text(void *arg, struct hm_str s)
{
	return find_text(arg, s)->number;
}

static int by_uses(const void *a, const void *b)
{
	const struct text *x = *(struct text *const *)a, *y = *(struct text *const *)b;
	if (x->uses != y->uses)
		return x->uses > y->uses ? -1 : 1;
	return hm_cmp(x->s, y->s);
}

static int by_package(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int d = hm_cmp(x->ecosystem, y->ecosystem);
	if (!d)
		d = hm_cmp(x->name, y->name);
	if (!d)
		d = (x->record > y->record) - (x->record < y->record);
	return d ? d : (x->affected > y->affected) - (x->affected < y->affected);
}

static int by_id(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;
	int d = hm_cmp(x->id, y->id);
	return d ? d : (x->record > y->record) - (x->record < y->record);
}

static void add_posting(struct build *b, uint32_t record, struct hm_str id)
{
	struct hm_str cve = advisory_cve_of(id);
	*hm_push(b->cx, &b->postings) = (struct posting){ id, record };
	if (cve.n && cve.n < id.n)
		*hm_push(b->cx, &b->postings) = (struct posting){ cve, record };
}

static void post_all(struct build *b, uint32_t record, const struct hm_strs *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		add_posting(b, record, ids->p[i]);
}

static void collect_binary(struct build *b, const struct advisory_affected *a, size_t at,
			   struct entry e)
{
	struct text *t = find_text(b, a->binaries[at].name);
	if (!t->binary_key.n)
		t->binary_key = advisory_binary_key(b->cx, t->s);
	e.ecosystem = a->ecosystem;
	e.name = t->binary_key;
	count_use(b, e.name);
	*hm_push(b->cx, &b->entries) = e;
}

static void collect_entries(struct build *b)
{
	HM_AUTO_BUF nowhere = HM_BUF(HM_GIB);
	struct advisory_enc e = { .to = &nowhere, .string = count_use, .arg = b };
	for (uint32_t i = 0; i < b->n; i++) {
		struct advisory_record *r = &b->records[i];
		hm_buf_clear(&nowhere);
		advisory_put_head(&e, r);
		add_posting(b, i, r->id);
		post_all(b, i, &r->aliases);
		post_all(b, i, &r->upstream);
		for (size_t k = 0; k < r->related.n; k++)
			if (hm_starts(r->related.p[k], HM_STR("CVE-")))
				add_posting(b, i, r->related.p[k]);
		for (uint32_t k = 0; k < r->affected_n; k++) {
			struct advisory_affected *a = &r->affected[k];
			a->name =
				inventory_type_key(b->cx, inventory_type_of_ecosystem(a->ecosystem),
						   a->name);
			count_use(b, a->ecosystem);
			count_use(b, a->name);
			hm_buf_clear(&nowhere);
			advisory_put_affected(&e, a);
			*hm_push(b->cx, &b->entries) =
				(struct entry){ a->ecosystem, a->name, i, k };
			for (size_t m = 0; m < a->binaries_n; m++)
				collect_binary(b, a, m,
					       (struct entry){ .record = i, .affected = k });
		}
	}
	for (size_t i = 0; i < b->postings.n; i++)
		count_use(b, b->postings.p[i].id);
}

static void put_u32(struct build *b, enum advisory_section s, uint64_t v)
{
	hm_buf_le(&b->sections[s], v, 4);
}

static void write_strings(struct build *b)
{
	size_t n = b->texts.n;
	b->numbered = hm_new(b->cx, struct text *, n);
	for (size_t i = 0; i < n; i++)
		b->numbered[i] = b->texts.entries[i].value;
	if (n)
		qsort(b->numbered, n, sizeof(struct text *), by_uses);
	for (size_t i = 0; i < n; i++) {
		b->numbered[i]->number = (uint32_t)i;
		put_u32(b, ADVISORY_STRING_OFFSETS, b->sections[ADVISORY_STRING_BYTES].n);
		hm_buf_add(&b->sections[ADVISORY_STRING_BYTES], b->numbered[i]->s);
	}
	put_u32(b, ADVISORY_STRING_OFFSETS, b->sections[ADVISORY_STRING_BYTES].n);
}

static void write_heads(struct build *b)
{
	struct advisory_enc e = { .to = &b->sections[ADVISORY_RECORD_BYTES],
				  .string = number_text,
				  .arg = b };
	int64_t newest = 0;
	for (size_t i = 0; i < b->n; i++) {
		put_u32(b, ADVISORY_RECORD_OFFSETS, e.to->n);
		advisory_put_head(&e, &b->records[i]);
		if (b->records[i].modified > newest)
			newest = b->records[i].modified;
	}
	hm_buf_le(&b->sections[ADVISORY_META], (uint64_t)newest, 8);
}

/* The same words of a record about several packages are kept once: *at says where. */
static void write_affected(struct build *b, struct hm_map *kept, struct hm_buf *one,
			   const struct entry *e)
{
	struct hm_buf *to = &b->sections[ADVISORY_AFFECTED_BYTES];
	struct advisory_enc enc = { .to = one, .string = number_text, .arg = b };
	hm_buf_clear(one);
	hm_buf_uvarint(one, e->record);
	advisory_put_affected(&enc, &b->records[e->record].affected[e->affected]);
	void **slot = hm_map_slot(b->cx, kept, hm_buf_str(one));
	if (!*slot) {
		struct hm_str key = hm_dup(b->cx, hm_buf_str(one));
		uint64_t *at = hm_new(b->cx, uint64_t, 1);
		*at = to->n;
		*slot = at;
		kept->entries[kept->n - 1].key = key;
		hm_buf_add(to, key);
	}
	put_u32(b, ADVISORY_ENTRIES, *(uint64_t *)*slot);
}

static void write_packages(struct build *b)
{
	struct hm_map kept = { 0 };
	HM_AUTO_BUF one = HM_BUF(HM_MAX_ADVISORY);
	if (b->entries.n)
		qsort(b->entries.p, b->entries.n, sizeof(*b->entries.p), by_package);
	for (size_t i = 0; i < b->entries.n;) {
		const struct entry *first = &b->entries.p[i];
		size_t end = i;
		for (; end < b->entries.n && hm_eq(b->entries.p[end].ecosystem, first->ecosystem) &&
		       hm_eq(b->entries.p[end].name, first->name);
		     end++)
			write_affected(b, &kept, &one, &b->entries.p[end]);
		put_u32(b, ADVISORY_PACKAGES, number_text(b, first->ecosystem));
		put_u32(b, ADVISORY_PACKAGES, number_text(b, first->name));
		put_u32(b, ADVISORY_PACKAGES, i);
		put_u32(b, ADVISORY_PACKAGES, end - i);
		i = end;
	}
}

struct artifact {
	struct hm_str artifact, name;
	uint32_t package;
};

static int by_artifact(const void *a, const void *b)
{
	const struct artifact *x = a, *y = b;
	int d = hm_cmp(x->artifact, y->artifact);
	return d ? d : hm_cmp(x->name, y->name);
}

static bool has_guessed_groups(struct hm_str ecosystem)
{
	return inventory_type_of_ecosystem(ecosystem)->rules & INVENTORY_GUESSED_GROUP;
}

/* Who does not know the group of an archive asks by its artifact. */
static void write_artifacts(struct build *b)
{
	HM_VEC(struct artifact) all = { 0 };
	uint32_t package = 0;
	for (size_t i = 0; i < b->entries.n; i++) {
		const struct entry *e = &b->entries.p[i], *before = i ? e - 1 : NULL;
		bool is_first = !before || !hm_eq(e->ecosystem, before->ecosystem) ||
				!hm_eq(e->name, before->name);
		package += is_first && before;
		if (is_first && has_guessed_groups(e->ecosystem))
			*hm_push(b->cx, &all) = (struct artifact){ advisory_artifact_of(e->name),
								   e->name, package };
	}
	if (all.n)
		qsort(all.p, all.n, sizeof(*all.p), by_artifact);
	for (size_t i = 0; i < all.n; i++)
		put_u32(b, ADVISORY_ARTIFACTS, all.p[i].package);
}

static void write_ecosystems(struct build *b)
{
	uint32_t *seen =
		hm_new(b->cx, uint32_t, b->n); /* the run in which a record was counted last */
	uint32_t run = 0;
	for (size_t i = 0; i < b->entries.n;) {
		struct hm_str name = b->entries.p[i].ecosystem;
		uint64_t records = 0;
		run++;
		for (; i < b->entries.n && hm_eq(b->entries.p[i].ecosystem, name); i++) {
			uint32_t *at = &seen[b->entries.p[i].record];
			records += *at != run;
			*at = run;
		}
		put_u32(b, ADVISORY_ECOSYSTEMS, number_text(b, name));
		put_u32(b, ADVISORY_ECOSYSTEMS, records);
	}
}

static void write_ids(struct build *b)
{
	size_t n = 0;
	if (b->postings.n)
		qsort(b->postings.p, b->postings.n, sizeof(*b->postings.p), by_id);
	for (size_t i = 0; i < b->postings.n;) {
		struct hm_str id = b->postings.p[i].id;
		size_t first = n;
		for (uint32_t last = UINT32_MAX;
		     i < b->postings.n && hm_eq(b->postings.p[i].id, id); i++) {
			if (b->postings.p[i].record == last)
				continue;
			last = b->postings.p[i].record;
			put_u32(b, ADVISORY_POSTINGS, last);
			n++;
		}
		put_u32(b, ADVISORY_IDS, number_text(b, id));
		put_u32(b, ADVISORY_IDS, first);
		put_u32(b, ADVISORY_IDS, n - first);
	}
}

static hm_err assemble_file(struct build *b, struct hm_buf *out)
{
	HM_AUTO_BUF rest = HM_BUF(4 * HM_GIB - ADVISORY_DB_HEAD - 1);
	size_t at = ADVISORY_DB_HEAD + ADVISORY_SECTIONS * 16;
	struct hm_str bytes;
	for (size_t i = 0; i < ADVISORY_SECTIONS; i++) {
		HM_TRY(hm_buf_end(b->cx, &b->sections[i], "the advisory database", &bytes));
		hm_buf_le(&rest, at, 8);
		hm_buf_le(&rest, bytes.n, 8);
		at += bytes.n;
	}
	for (size_t i = 0; i < ADVISORY_SECTIONS; i++) {
		hm_buf_add(&rest, hm_buf_str(&b->sections[i]));
		hm_buf_done(&b->sections[i]);
	}
	HM_TRY(hm_buf_end(b->cx, &rest, "the advisory database", &bytes));
	hm_buf_addz(out, ADVISORY_DB_MAGIC);
	hm_buf_le(out, ADVISORY_DB_VERSION, 4);
	hm_buf_le(out, ADVISORY_SECTIONS, 4);
	hm_buf_le(out, at, 8);
	hm_buf_add(out, crypto_digest_raw(b->cx, CRYPTO_SHA256, bytes));
	hm_buf_add(out, bytes);
	return NULL;
}

static void add_beside(struct build *b, const struct advisory_beside *beside)
{
	for (size_t i = 0; i < ADVISORY_CATALOGS; i++) {
		hm_buf_le(&b->sections[ADVISORY_META], (uint64_t)beside->catalogs[i].date, 8);
		hm_buf_add(&b->sections[ADVISORY_CATALOG_ROWS + i], beside->catalogs[i].rows);
	}
	for (size_t i = 0; i < beside->sources_n; i++) {
		hm_buf_counted(&b->sections[ADVISORY_SOURCES], beside->sources[i].name);
		hm_buf_counted(&b->sections[ADVISORY_SOURCES], beside->sources[i].url);
		hm_buf_counted(&b->sections[ADVISORY_SOURCES], beside->sources[i].tag);
	}
}

hm_err advisory_db_build(struct hm_cx *cx, struct advisory_record *records, size_t n,
			 const struct advisory_beside *beside, struct hm_buf *out)
{
	struct build b = { .cx = cx, .records = records, .n = n };
	if (n > HM_MAX_ADVISORIES)
		return hm_fail(cx, HM_LIMIT, "%zu advisories", n);
	for (size_t i = 0; i < ADVISORY_SECTIONS; i++)
		b.sections[i] = HM_BUF(2 * HM_GIB);
	collect_entries(&b);
	write_strings(&b);
	write_heads(&b);
	write_packages(&b);
	write_artifacts(&b);
	write_ecosystems(&b);
	write_ids(&b);
	add_beside(&b, beside);
	hm_err err = assemble_file(&b, out);
	for (size_t i = 0; i < ADVISORY_SECTIONS; i++)
		hm_buf_done(&b.sections[i]);
	return err;
}
