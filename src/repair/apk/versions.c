/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/apk/versions.h"

#include "advisory/advisory.h"

/* They end a name in solver.h's relations; apk has "so:x", and "cmd:[". */
static const char special[] = ":(|,[<";
enum { ESCAPE = 1 };

static bool compare(struct hm_str a, struct hm_str b, int *out)
{
	return advisory_scheme_of(HM_STR("apk"))->compare(a, b, out);
}

static int by_order(const void *a, const void *b)
{
	int order = 0;
	return compare(*(const struct hm_str *)a, *(const struct hm_str *)b, &order) ? order : 0;
}

void repair_apk_versions_add(struct hm_cx *cx, struct apk_versions *v, struct hm_str version)
{
	int order;
	if (version.n && compare(version, HM_STR("0"), &order))
		*hm_push(cx, &v->all) = version;
}

void repair_apk_versions_sort(struct apk_versions *v)
{
	size_t n = 0;
	if (v->all.n)
		qsort(v->all.p, v->all.n, sizeof(*v->all.p), by_order);
	for (size_t i = 0; i < v->all.n; i++)
		if (!n || by_order(&v->all.p[n - 1], &v->all.p[i]) != 0)
			v->all.p[n++] = v->all.p[i];
	v->all.n = n;
}

struct hm_str repair_apk_version_rank(struct hm_cx *cx, const struct apk_versions *v,
				      struct hm_str version)
{
	int order;
	if (!version.n || !compare(version, HM_STR("0"), &order) || !v->all.n)
		return HM_STR("R0");
	const struct hm_str *at =
		bsearch(&version, v->all.p, v->all.n, sizeof(*v->all.p), by_order);
	return at ? hm_fmt(cx, "R%zu", (size_t)(at - v->all.p) + 1) : HM_STR("R0");
}

/* "1.2" matches "1.2", "1.2.3", "1.2-r1" and "1.2_rc1", but not "1.20". */
static bool begins_so(struct hm_str version, struct hm_str head)
{
	return hm_starts(version, head) && (version.n == head.n || !hm_is_digit(version.p[head.n]));
}

static void put_name(struct hm_buf *out, struct hm_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		const char *at =
			hm_is_one_of(name.p[i], special) ? strchr(special, name.p[i]) : NULL;
		if (at) {
			hm_buf_char(out, ESCAPE);
			hm_buf_char(out, (char)('a' + (at - special)));
		} else {
			hm_buf_char(out, name.p[i]);
		}
	}
}

static void put_one(struct hm_buf *out, struct hm_str name, const char *op, struct hm_str rank)
{
	if (out->n)
		hm_buf_addz(out, ", ");
	put_name(out, name);
	if (op)
		hm_buf_fmt(out, " (%s %.*s)", op, HM_FMT(rank));
}

static void put_fuzzy(struct hm_cx *cx, const struct apk_versions *v, const struct apk_relation *r,
		      struct hm_buf *out)
{
	size_t first = 0, last = v->all.n;
	while (first < v->all.n && !begins_so(v->all.p[first], r->version))
		first++;
	while (last > first && !begins_so(v->all.p[last - 1], r->version))
		last--;
	if (first == last) {
		put_one(out, r->name, "=", HM_STR("R0"));
		return;
	}
	if (r->op[0] != '<')
		put_one(out, r->name, ">=", hm_fmt(cx, "R%zu", first + 1));
	if (r->op[0] != '>')
		put_one(out, r->name, "<=", hm_fmt(cx, "R%zu", last));
}

bool repair_apk_relations(struct hm_cx *cx, const struct apk_versions *v, struct hm_str words,
			  bool conflicts, struct hm_buf *out)
{
	struct apk_relation r;
	for (struct hm_str word = repair_apk_word(&words); word.n; word = repair_apk_word(&words)) {
		if (!repair_apk_relation(word, &r))
			return false;
		if (r.conflicts != conflicts)
			continue;
		if (r.fuzzy)
			put_fuzzy(cx, v, &r, out);
		else
			put_one(out, r.name, r.op, repair_apk_version_rank(cx, v, r.version));
	}
	return true;
}

static bool read_rank(struct hm_str s, size_t *out_rank, size_t *out_n)
{
	size_t n = 1;
	uint64_t rank;
	while (n < s.n && hm_is_digit(s.p[n]))
		n++;
	if (!hm_starts(s, HM_STR("R")) || !hm_u64(hm_sub(s, 1, n - 1), UINT32_MAX, &rank))
		return false;
	*out_rank = (size_t)rank;
	*out_n = n;
	return true;
}

struct hm_str repair_apk_versions_say(struct hm_cx *cx, const struct apk_versions *v,
				      struct hm_str sentence)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB * 64);
	for (size_t i = 0; i < sentence.n; i++) {
		size_t rank, n;
		char c = sentence.p[i], before = i ? sentence.p[i - 1] : ' ';
		if (c == ESCAPE && i + 1 < sentence.n && sentence.p[i + 1] >= 'a' &&
		    sentence.p[i + 1] < 'a' + (char)strlen(special)) {
			hm_buf_char(&b, special[sentence.p[++i] - 'a']);
		} else if ((before == ' ' || before == '-') &&
			   read_rank(hm_from(sentence, i), &rank, &n) && rank <= v->all.n) {
			hm_buf_add(&b, rank ? v->all.p[rank - 1] : HM_STR("no version"));
			i += n - 1;
		} else {
			hm_buf_char(&b, c);
		}
	}
	return hm_dup(cx, hm_buf_str(&b));
}
