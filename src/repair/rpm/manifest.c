/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images of CBL-Mariner and Azure Linux without a package manager have lists in the place of a
 * database: container-manifest-2 has a line a package, of ten fields between tabs,
 *
 *     NAME VERSION-RELEASE INSTALLTIME BUILDTIME VENDOR EPOCH SIZE ARCH EPOCHNUM SOURCERPM
 *
 * and container-manifest-1 has NAME-VERSION-RELEASE.ARCH.
 */
#include "repair/rpm/rpm.h"

enum { FIELDS = 10, NAME = 0, VERSION = 1, ARCH = 7, EPOCH = 8, SOURCE = 9 };

static bool read_line(struct hm_cx *cx, struct hm_str line, struct rpm_package *out)
{
	struct hm_str f[FIELDS];
	uint64_t epoch;
	for (size_t i = 0; i < FIELDS; i++)
		f[i] = hm_cut(&line, '\t');
	if (line.n || !f[NAME].n || !f[VERSION].n || !f[ARCH].n ||
	    !hm_u64(f[EPOCH], UINT32_MAX, &epoch))
		return false;
	*out = (struct rpm_package){
		.name = f[NAME], .evr = f[VERSION], .arch = f[ARCH], .source = f[SOURCE]
	};
	if (epoch)
		out->evr = hm_fmt(cx, "%.*s:%.*s", HM_FMT(f[EPOCH]), HM_FMT(f[VERSION]));
	return true;
}

hm_err repair_rpm_manifest(struct hm_cx *cx, struct hm_str text, struct rpm_database *out)
{
	for (size_t number = 1; text.n; number++) {
		struct hm_str line = hm_line(&text);
		struct rpm_installed i = { 0 };
		if (!line.n)
			continue;
		if (out->packages.n >= HM_MAX_REPAIR_PACKAGES)
			return hm_fail(cx, HM_LIMIT, "more than %llu packages",
				       (unsigned long long)HM_MAX_REPAIR_PACKAGES);
		if (!read_line(cx, line, &i.p))
			return hm_fail(cx, HM_INPUT, "line %zu is not a package", number);
		*hm_push(cx, &out->packages) = i;
	}
	return NULL;
}

/* ------------------------------------------------------------------ written */

static struct hm_str without_epoch(struct hm_str evr)
{
	struct hm_str rest = evr;
	hm_cut(&rest, ':');
	return rest.n ? rest : evr;
}

static struct hm_str epoch_of(struct hm_str evr)
{
	struct hm_str rest = evr, epoch = hm_cut(&rest, ':');
	return rest.n ? epoch : HM_STR("");
}

static void put_new_line(struct hm_buf *b, const struct rpm_package *p, uint32_t when)
{
	struct hm_str epoch = epoch_of(p->evr);
	struct hm_str vendor = p->vendor.n ? p->vendor : HM_STR("(none)");
	hm_buf_fmt(b, "%.*s\t%.*s\t%u\t%lld\t%.*s\t%.*s\t%llu\t%.*s\t%.*s\t%.*s\n", HM_FMT(p->name),
		   HM_FMT(without_epoch(p->evr)), (unsigned)when, (long long)p->build_time,
		   HM_FMT(vendor), HM_FMT(epoch.n ? epoch : HM_STR("(none)")),
		   (unsigned long long)p->total, HM_FMT(p->arch),
		   HM_FMT(epoch.n ? epoch : HM_STR("0")), HM_FMT(p->source));
}

/* Of a package in the short list, as it is written there: with '-' or '.' behind its name. */
static struct hm_str short_line(struct hm_cx *cx, const struct rpm_package *p, char between)
{
	return hm_fmt(cx, "%.*s%c%.*s.%.*s", HM_FMT(p->name), between,
		      HM_FMT(without_epoch(p->evr)), HM_FMT(p->arch));
}

static const struct rpm_change *change_of(struct hm_cx *cx, const struct rpm_at *at,
					  struct hm_str line, bool is_short, char *out_between)
{
	for (size_t i = 0; i < at->changes.n; i++) {
		const struct rpm_change *c = &at->changes.p[i];
		if (c->old == SIZE_MAX)
			continue;
		const struct rpm_package *p = &at->db->packages.p[c->old].p;
		struct hm_str rest = line, name = hm_cut(&rest, '\t');
		if (!is_short && hm_eq(name, p->name) &&
		    hm_eq(hm_cut(&rest, '\t'), without_epoch(p->evr)))
			return c;
		for (const char *between = "-."; is_short && *between; between++)
			if (hm_eq(line, short_line(cx, p, *between))) {
				*out_between = *between;
				return c;
			}
	}
	return NULL;
}

static void put_line(struct hm_cx *cx, struct hm_buf *b, const struct rpm_change *c, bool is_short,
		     char between, uint32_t when)
{
	if (c->removed)
		return;
	if (is_short)
		hm_buf_fmt(b, "%.*s\n", HM_FMT(short_line(cx, &c->f.p, between)));
	else
		put_new_line(b, &c->f.p, when);
}

/* A line in the place of the old one; packages that are new come last. */
hm_err repair_rpm_manifest_format(struct hm_cx *cx, const struct rpm_at *at, struct hm_str text,
				  bool is_short, uint32_t when, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	char between = '-';
	while (text.n) {
		struct hm_str line = hm_line(&text);
		const struct rpm_change *c = change_of(cx, at, line, is_short, &between);
		if (c)
			put_line(cx, &b, c, is_short, between, when);
		else
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(line));
	}
	for (size_t i = 0; i < at->changes.n; i++)
		if (at->changes.p[i].old == SIZE_MAX)
			put_line(cx, &b, &at->changes.p[i], is_short, between, when);
	HM_TRY(hm_buf_end(cx, &b, "the list of packages", out));
	*out = hm_dup(cx, *out);
	return NULL;
}
