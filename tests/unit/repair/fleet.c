/* SPDX-License-Identifier: Apache-2.0 */
/* Which images a PatchConfig means, and what the results are called. */
#include "unit.h"

#include "repair/repair.h"

#define DOC(images) "apiVersion: copa.sh/v1alpha1\nkind: PatchConfig\nimages: " images "\n"
#define ONE(tags)   DOC("[{image: r.example/web, tags: " tags "}]")
#define ALL                                                                    \
	"1.2 1.10 v1.3.0 1.9.1 1.11.0-rc1 20.04 latest 1.10-patched sha256-0 " \
	"sha256-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.sig"

static void split(struct hm_cx *cx, const char *text, struct hm_strs *out)
{
	struct hm_str rest = hm_cstr(text);
	while (rest.n)
		*hm_push(cx, out) = hm_cut(&rest, ' ');
}

static struct hm_str joined(struct hm_cx *cx, const struct hm_strs *v)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	for (size_t i = 0; i < v->n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "", HM_FMT(v->p[i]));
	return hm_dup(cx, hm_buf_str(&b));
}

static const struct tags_case {
	const char *label, *doc, *want;
} tags_cases[] = {
	{ "a list is what it says", ONE("{strategy: list, list: ['b', 'a', '20.04']}"),
	  "b a 20.04" },
	{ "the latest is the greatest version", ONE("{strategy: latest}"), "20.04" },
	{ "but for those that are excluded", ONE("{strategy: latest, exclude: ['20.04']}"),
	  "1.10" },
	{ "a pattern matches anywhere, versions in their order, no pre-release",
	  ONE("{strategy: pattern, pattern: '1[.]'}"), "1.2 v1.3.0 1.9.1 1.10" },
	{ "the newest of them", ONE("{strategy: pattern, pattern: '^v?1[.]', maxTags: 2}"),
	  "1.9.1 1.10" },
	{ "exclusions come first",
	  ONE("{strategy: pattern, pattern: '^v?1[.]', maxTags: 2, exclude: ['1.10']}"),
	  "v1.3.0 1.9.1" },
	{ "a pattern that meets no version", ONE("{strategy: pattern, pattern: 'patched|late'}"),
	  "1.10-patched latest" },
	{ "nothing", ONE("{strategy: pattern, pattern: '^nothing$'}"), "" },
};

static void tags(void **state)
{
	const struct tags_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_fleet fleet = { 0 };
	struct hm_strs all = { 0 }, got = { 0 };
	split(&cx, ALL, &all);
	hm_strs_sort(&all);
	assert_ok(repair_fleet_read(&cx, hm_cstr(t->doc), &fleet));
	repair_fleet_tags(&cx, &fleet.p[0], &all, &got);
	assert_strz(joined(&cx, &got), t->want);
}

static const struct target_case {
	const char *label, *doc, *tag, *want;
} target_cases[] = {
	{ "beside its source", ONE("{strategy: latest}"), "1.2", "r.example/web 1.2-patched" },
	{ "elsewhere, by the last part of its name",
	  "target: {registry: 'h.example/mine/'}\n" DOC(
		  "[{image: r.example/team/web, tags: {strategy: latest}}]"),
	  "1", "h.example/mine/web 1-patched" },
	{ "an image's own target is stronger, key by key",
	  "target: {registry: h.example/mine, tag: '{{.SourceTag}}-p'}\n" DOC(
		  "[{image: web, target: {registry: k.example}, tags: {strategy: latest}}]"),
	  "1", "k.example/web 1-p" },
	{ "a layout",
	  DOC("[{image: 'oci:/srv/in/web', target: {registry: 'oci:/srv/out'}, tags: "
	      "{strategy: latest}}]"),
	  "1", "oci:/srv/out/web 1-patched" },
};

static void target(void **state)
{
	const struct target_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_fleet fleet = { 0 };
	struct hm_str place, tag;
	assert_ok(repair_fleet_read(&cx, hm_cstr(t->doc), &fleet));
	assert_ok(repair_fleet_target(&cx, &fleet.p[0], hm_cstr(t->tag), &place, &tag));
	assert_strz(hm_fmt(&cx, "%.*s %.*s", HM_FMT(place), HM_FMT(tag)), t->want);
}

static const struct next_case {
	const char *label, *all, *want;
} next_cases[] = {
	{ "the first", "1 1-patchedx 1-patched-a", " 1-patched" },
	{ "the second", "1-patched 1", "1-patched 1-patched-1" },
	{ "by number, not by letters", "1-patched 1-patched-2 1-patched-10",
	  "1-patched-10 1-patched-11" },
	{ "an architecture is no number", "1-patched 1-patched-386 1-patched-amd64",
	  "1-patched 1-patched-1" },
	{ "and is never made", "1-patched-385", "1-patched-385 1-patched-387" },
	{ "somebody's own", "1-patched 1-patched-01 1-patched-99999999999",
	  "1-patched 1-patched-1" },
};

static void next(void **state)
{
	const struct next_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct hm_strs all = { 0 };
	struct hm_str last, after;
	split(&cx, t->all, &all);
	repair_fleet_next(&cx, HM_STR("1-patched"), &all, &last, &after);
	assert_strz(hm_fmt(&cx, "%.*s %.*s", HM_FMT(last), HM_FMT(after)), t->want);
}

static const struct bad_case {
	const char *doc, *why;
} bad_cases[] = {
	{ "", "not a PatchConfig of copa.sh/v1alpha1" },
	{ "[]", "not a PatchConfig" },
	{ "apiVersion: copa.sh/v1alpha2\nkind: PatchConfig\nimages: []", "not a PatchConfig" },
	{ DOC("[]"), "lists nothing" },
	{ DOC("{}"), "lists nothing" },
	{ DOC("[x]"), "image 1: it is not an object" },
	{ "more: 1\n" ONE("{strategy: latest}"), "unknown key \"more\"" },
	{ DOC("[{image: web, tag: x}]"), "unknown key \"tag\"" },
	{ DOC("[{name: x, tags: {strategy: latest}}]"), "image 1: \"image\"" },
	{ DOC("[{image: 'web:1', tags: {strategy: latest}}]"),
	  "not a repository: a name without tag" },
	{ DOC("[{image: 'dir:/srv', tags: {strategy: latest}}]"), "not a repository" },
	{ DOC("[{image: web}]"), "there is no \"strategy\"" },
	{ ONE("{}"), "\"strategy\"" },
	{ ONE("{strategy: newest}"), "none of list, pattern, latest" },
	{ ONE("{strategy: list}"), "needs a \"list\"" },
	{ ONE("{strategy: list, list: [20.04]}"), "a number needs quotes" },
	{ ONE("{strategy: list, list: x}"), "not a list" },
	{ ONE("{strategy: pattern}"), "\"pattern\"" },
	{ ONE("{strategy: pattern, pattern: '(?=a)'}"), "not in the syntax" },
	{ ONE("{strategy: pattern, pattern: a, maxTags: -1}"), "negative" },
	{ ONE("{strategy: pattern, pattern: a, maxtags: 1}"), "unknown key \"maxtags\"" },
	{ "target: x\n" ONE("{strategy: latest}"), "\"target\": it is not an object" },
	{ "target: {repository: x}\n" ONE("{strategy: latest}"), "unknown key" },
};

static void bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(bad_cases); i++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct repair_fleet fleet = { 0 };
		assert_fault(repair_fleet_read(&cx, hm_cstr(bad_cases[i].doc), &fleet), HM_INPUT,
			     bad_cases[i].why);
	}
}

static void bad_template(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_fleet fleet = { 0 };
	struct hm_str place, tag;
	assert_ok(repair_fleet_read(
		&cx, HM_STR("target: {tag: '{{ .Nothing'}\n" ONE("{strategy: latest}")), &fleet));
	assert_fault(repair_fleet_target(&cx, &fleet.p[0], HM_STR("1"), &place, &tag), HM_USAGE,
		     "\"target.tag\"");
}

int main(void)
{
	UNIT_TABLE(tags, tags_cases);
	UNIT_TABLE(target, target_cases);
	UNIT_TABLE(next, next_cases);
	UNIT(bad);
	UNIT(bad_template);
	return unit_run("repair/fleet");
}
