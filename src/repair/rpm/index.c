/* SPDX-License-Identifier: Apache-2.0 */
/* What rpm looks packages up by (rpm 4.18: lib/rpmdb.c, idxdbPut()). */
#include "repair/rpm/tags.h"
#include "repair/rpm/write.h"

const struct rpm_index_row repair_rpm_indexes[] = {
	{ "Name", RPM_TAG_NAME, RPM_KEY_TEXT },
	{ "Basenames", RPM_TAG_BASENAMES, RPM_KEY_TEXT },
	{ "Group", RPM_TAG_GROUP, RPM_KEY_TEXT },
	{ "Requirename", RPM_TAG_REQUIRENAME, RPM_KEY_TEXT },
	{ "Providename", RPM_TAG_PROVIDENAME, RPM_KEY_TEXT },
	{ "Conflictname", RPM_TAG_CONFLICTNAME, RPM_KEY_TEXT },
	{ "Obsoletename", RPM_TAG_OBSOLETENAME, RPM_KEY_TEXT },
	{ "Triggername", RPM_TAG_TRIGGERNAME, RPM_KEY_TEXT },
	{ "Dirnames", RPM_TAG_DIRNAMES, RPM_KEY_TEXT },
	{ "Installtid", RPM_TAG_INSTALLTID, RPM_KEY_BYTES },
	{ "Sigmd5", RPM_TAG_SIGMD5, RPM_KEY_BYTES },
	{ "Sha1header", RPM_TAG_SHA1HEADER, RPM_KEY_TEXT },
	{ "Filetriggername", RPM_TAG_FILETRIGGERNAME, RPM_KEY_TEXT },
	{ "Transfiletriggername", RPM_TAG_TRANSFILETRIGGERNAME, RPM_KEY_TEXT },
	{ "Recommendname", RPM_TAG_RECOMMENDNAME, RPM_KEY_TEXT },
	{ "Suggestname", RPM_TAG_SUGGESTNAME, RPM_KEY_TEXT },
	{ "Supplementname", RPM_TAG_SUPPLEMENTNAME, RPM_KEY_TEXT },
	{ "Enhancename", RPM_TAG_ENHANCENAME, RPM_KEY_TEXT },
	{ 0 },
};

enum { LEVELS = 64 };

/* ------------------------------------------------------------------ rich dependencies */

/* Names in an expression; those behind "if" and "unless" with a '!' before them. */
struct rich {
	struct hm_cx *cx;
	struct hm_strs names;
	size_t from[LEVELS]; /* where each level's names begin, or its condition */
	bool turned[LEVELS]; /* its condition has begun */
	size_t level;
	bool negative;
};

static struct hm_str next_word(struct hm_str *text)
{
	size_t n = 0, depth = 0;
	while (text->n && hm_is_space(text->p[0]))
		*text = hm_from(*text, 1);
	if (text->n && (text->p[0] == '(' || text->p[0] == ')')) {
		struct hm_str one = hm_sub(*text, 0, 1);
		*text = hm_from(*text, 1);
		return one;
	}
	/* A name may have parentheses of its own: "libc.so.6(GLIBC_2.4)(64bit)". */
	for (; n < text->n && !hm_is_space(text->p[n]); n++) {
		if (text->p[n] == ')' && !depth)
			break;
		depth += text->p[n] == '(';
		depth -= text->p[n] == ')';
	}
	struct hm_str word = hm_sub(*text, 0, n);
	*text = hm_from(*text, n);
	return word;
}

/* Behind "else" the condition holds the other way round. */
static void put_else(struct rich *r)
{
	size_t n = r->names.n;
	for (size_t i = r->from[r->level]; i < n; i++) {
		struct hm_str name = r->names.p[i];
		*hm_push(r->cx, &r->names) = hm_fmt(r->cx, "%c%.*s", name.p[0] == '!' ? ' ' : '!',
						    HM_FMT(hm_from(name, 1)));
	}
	r->negative = !r->negative;
}

static bool is_operator(struct hm_str w)
{
	static const char *const words[] = { "and", "or", "with", "without" };
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eqz(w, words[i]))
			return true;
	return false;
}

/* False: it goes too deep, or comes out too far. */
static bool change_level(struct rich *r, bool deeper)
{
	if (!deeper && !r->level)
		return false;
	if (!deeper) {
		r->negative ^= r->turned[r->level--];
		return true;
	}
	if (++r->level >= LEVELS)
		return false;
	r->from[r->level] = r->names.n;
	r->turned[r->level] = false;
	return true;
}

static bool is_turning(struct rich *r, struct hm_str w)
{
	if (hm_eqz(w, "if") || hm_eqz(w, "unless")) {
		r->from[r->level] = r->names.n;
		r->turned[r->level] = true;
		r->negative = !r->negative;
		return true;
	}
	if (!hm_eqz(w, "else"))
		return false;
	put_else(r);
	r->turned[r->level] = false;
	return true;
}

static bool is_comparison(struct hm_str w)
{
	return w.n && hm_is_one_of(w.p[0], "<=>");
}

/* False: its levels do not fit. */
static bool read_rich(struct rich *r, struct hm_str text)
{
	bool version = false;
	while (text.n) {
		struct hm_str w = next_word(&text);
		bool deeper = hm_eqz(w, "("), counts = w.n && !version;
		version = false;
		if (deeper || hm_eqz(w, ")")) {
			if (!change_level(r, deeper))
				return false;
		} else if (is_comparison(w)) {
			version = true;
		} else if (counts && !is_turning(r, w) && !is_operator(w) &&
			   !hm_starts(w, HM_STR("rpmlib("))) {
			*hm_push(r->cx, &r->names) =
				hm_fmt(r->cx, "%c%.*s", r->negative ? '!' : ' ', HM_FMT(w));
		}
	}
	return !r->level;
}

static hm_err add_rich(struct hm_cx *cx, struct hm_str text, uint32_t number,
		       struct rpm_index_sink to)
{
	struct rich r = { .cx = cx };
	if (!read_rich(&r, text))
		return NULL;
	hm_strs_sort_unique(&r.names);
	for (size_t i = 0; i < r.names.n; i++)
		HM_TRY(to.add(cx, to.arg, hm_from(r.names.p[i], r.names.p[i].p[0] == ' '), number));
	return NULL;
}

/* ------------------------------------------------------------------ texts */

/* rpmds.h, isTransientReq(): needed while scripts of the installation run, and not by those of the
 * removal. */
static bool is_transient(uint64_t flags)
{
	enum {
		POSTTRANS = 1 << 5,
		PRETRANS = 1 << 7,
		PRE = 1 << 9,
		POST = 1 << 10,
		PREUN = 1 << 11,
		POSTUN = 1 << 12,
		PREUNTRANS = 1 << 20,
		POSTUNTRANS = 1 << 21,
		RPMLIB = 1 << 24,
		KEYRING = 1 << 26,
		META = 1 << 29
	};
	return (flags & (POSTTRANS | PRETRANS | PRE | POST | RPMLIB | KEYRING)) &&
	       !(flags & (PREUN | POSTUN | PREUNTRANS | POSTUNTRANS | META));
}

static bool has_rich(uint32_t tag)
{
	static const uint32_t tags[] = { RPM_TAG_REQUIRENAME,   RPM_TAG_CONFLICTNAME,
					 RPM_TAG_SUGGESTNAME,   RPM_TAG_SUPPLEMENTNAME,
					 RPM_TAG_RECOMMENDNAME, RPM_TAG_ENHANCENAME };
	for (size_t i = 0; i < HM_LEN(tags); i++)
		if (tags[i] == tag)
			return true;
	return false;
}

static hm_err index_texts(struct hm_cx *cx, const struct rpm_header *h,
			  const struct rpm_index_row *row, struct rpm_index_sink to)
{
	struct rpm_values v = repair_rpm_strings(h, row->tag);
	struct rpm_values flags = repair_rpm_numbers(h, RPM_TAG_REQUIREFLAGS);
	struct rpm_values at = repair_rpm_numbers(h, row->tag == RPM_TAG_FILETRIGGERNAME
							     ? RPM_TAG_FILETRIGGERINDEX
							     : RPM_TAG_TRANSFILETRIGGERINDEX);
	bool triggers =
		row->tag == RPM_TAG_FILETRIGGERNAME || row->tag == RPM_TAG_TRANSFILETRIGGERNAME;
	struct hm_map seen = { 0 };
	struct hm_str text;
	uint64_t flag, number;
	/* Translations of a text: the first is the one that counts. */
	if (v.type == RPM_I18N && v.left)
		v.left = 1;
	for (uint32_t i = 0; repair_rpm_next_string(&v, &text); i++) {
		repair_rpm_next_number(&flags, &flag);
		repair_rpm_next_number(&at, &number);
		if (row->tag == RPM_TAG_REQUIRENAME && is_transient(flag))
			continue;
		if (row->tag == RPM_TAG_TRIGGERNAME && hm_map_has(&seen, text))
			continue;
		hm_map_put(cx, &seen, text, &seen);
		uint32_t n = triggers ? (uint32_t)number : i;
		HM_TRY(to.add(cx, to.arg, text, n));
		if (hm_starts(text, HM_STR("(")) && has_rich(row->tag))
			HM_TRY(add_rich(cx, text, n, to));
	}
	return NULL;
}

hm_err repair_rpm_index(struct hm_cx *cx, const struct rpm_header *h,
			const struct rpm_index_row *row, bool big_endian, struct rpm_index_sink to)
{
	struct hm_str data;
	uint32_t type, count;
	if (!repair_rpm_raw(h, row->tag, &type, &count, &data))
		return row->tag == RPM_TAG_GROUP ? to.add(cx, to.arg, HM_STR("Unknown"), 0) : NULL;
	if (row->key == RPM_KEY_TEXT)
		return index_texts(cx, h, row, to);
	if (type != RPM_INT32 || big_endian)
		return to.add(cx, to.arg, data, 0);
	/* Numbers are as the machine has them. */
	const char turned[] = { data.p[3], data.p[2], data.p[1], data.p[0] };
	return to.add(cx, to.arg, hm_bytes(turned, sizeof(turned)), 0);
}
