/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: what is found at a path, and that no text of a stranger becomes more than text. */
#include "unit.h"

#include "graph/graph.h"
#include "graph/page/parts.h"

struct asked {
	const char *name, *value;
};

static struct hm_str given(struct hm_cx *cx, void *arg, const char *name)
{
	const struct asked *a = arg;
	(void)cx;
	for (; a && a->name; a++)
		if (strcmp(a->name, name) == 0)
			return hm_cstr(a->value);
	return HM_STR("");
}

/* A page of this path whose first answers are these. */
static struct hm_str page_of(struct hm_cx *cx, const char *path, const char *first,
			     const char *second)
{
	struct graph_page_request r = { .given = given };
	struct hm_str html;
	r.view = graph_page_find(cx, hm_cstr(path), &r.id);
	assert_non_null(r.view);
	assert_null(json_parse(cx, hm_cstr(first), JSON_PLAIN, &r.answers[0]));
	assert_null(json_parse(cx, hm_cstr(second), JSON_PLAIN, &r.answers[1]));
	assert_null(graph_page_write(cx, &r, &html));
	return html;
}

static bool has(struct hm_str html, const char *what)
{
	return hm_find(html, hm_cstr(what)) != SIZE_MAX;
}

static void every_view_writes(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	for (const struct graph_page_view *v = graph_page_views; v->path; v++) {
		struct graph_page_request r = { .given = given, .view = v, .id = HM_STR("7") };
		struct hm_str html, id;
		assert_int_equal(v->path[0], '/');
		assert_true(v->title && v->icon && v->write && v->questions[0]);
		assert_null(graph_page_write(cx, &r, &html));
		assert_true(hm_starts(html, HM_STR("<!DOCTYPE html>")));
		assert_true(hm_ends(html, HM_STR("</html>\n")));
		if (!strchr(v->path, '{'))
			assert_ptr_equal(graph_page_find(cx, hm_cstr(v->path), &id), v);
	}
}

static void every_kind_has_an_icon(void **state)
{
	(void)state;
	for (const struct page_kind *k = graph_page_kinds; k->name; k++) {
		assert_true(k->words && k->icon);
		assert_ptr_equal(graph_page_kind(hm_cstr(k->name)), k);
	}
	for (int kind = GRAPH_NO_NOUN + 1; kind < GRAPH_NOUN_KINDS; kind++)
		assert_true(graph_page_kind(hm_cstr(graph_noun_names[kind]))->name[0]);
	assert_string_equal(graph_page_kind(HM_STR("nonsense"))->words, "thing");
}

/* Where the program was built with them. */
static void every_file_is_whole(void **state)
{
	(void)state;
	for (const struct graph_page_file *f = graph_page_files; f->path; f++) {
		assert_true(hm_starts(hm_cstr(f->path), HM_STR("/assets/")));
		assert_true(f->type && f->bytes && f->size);
		assert_int_equal(f->etag[0], '"');
		for (const struct graph_page_file *g = graph_page_files; g < f; g++)
			assert_string_not_equal(f->path, g->path);
	}
}

static const struct path_case {
	const char *path, *view, *id;
} paths[] = {
	{ "/", "/", "" },
	{ "/search", "/search", "" },
	{ "/search/", NULL, "" },
	{ "/node/12", "/node/{id}", "12" },
	{ "/node/1%2F2", "/node/{id}", "1/2" },
	{ "/node/1/2", NULL, "" },
	{ "/node/", NULL, "" },
	{ "/node/%zz", NULL, "" },
	{ "/documents", "/documents", "" },
	{ "/documents/sha256:00", "/documents/{id}", "sha256:00" },
	{ "/nonsense", NULL, "" },
	{ "", NULL, "" },
	{ "//", NULL, "" },
};

static void finds(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	for (size_t i = 0; i < HM_LEN(paths); i++) {
		struct hm_str id;
		const struct graph_page_view *v = graph_page_find(cx, hm_cstr(paths[i].path), &id);
		assert_int_equal(v != NULL, paths[i].view != NULL);
		if (!v)
			continue;
		assert_string_equal(v->path, paths[i].view);
		assert_true(hm_eqz(id, paths[i].id));
	}
}

static const struct text_case {
	const char *label, *json, *html; /* as a string of JSON; as it is shown */
} texts[] = {
	{ "elements", "<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;" },
	{ "the end of an attribute", "\\\" onclick=\\\"x", "&quot; onclick=&quot;x" },
	{ "the end of another", "' onclick='x", "&#39; onclick=&#39;x" },
	{ "references", "&lt;b&gt;", "&amp;lt;b&amp;gt;" },
	{ "direction", "a\\u202eb", "a\u27e8U+202E\u27e9b" },
	{ "isolation", "a\\u2068b", "a\u27e8U+2068\u27e9b" },
	{ "a line feed", "a\\nb", "a\u27e8U+000A\u27e9b" },
	{ "NUL", "a\\u0000b", "a\u27e8U+0000\u27e9b" },
	{ "C1", "a\\u009bb", "a\u27e8U+009B\u27e9b" },
	{ "no width", "a\\u200bb", "a\u27e8U+200B\u27e9b" },
	{ "tags", "a\\udb40\\udc41b", "a\u27e8U+E0041\u27e9b" },
	{ "holes", "$ % $$", "$ % $$" },
	{ "other scripts", "\u00e9\u4e2d\U0001f600", "\u00e9\u4e2d\U0001f600" },
};

static void escapes(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	for (size_t i = 0; i < HM_LEN(texts); i++) {
		struct hm_str node =
			hm_fmt(cx,
			       "{\"id\":\"7\",\"kind\":\"package\",\"key\":\"%s\","
			       "\"label\":\"%s\",\"odd%s\":\"%s\"}",
			       texts[i].json, texts[i].json, texts[i].json, texts[i].json);
		struct hm_str facts = hm_fmt(
			cx,
			"{\"facts\":[{\"id\":\"1\",\"kind\":\"%s\",\"subject\":%.*s,\"detail\":"
			"{\"a\":\"%s\"},\"links\":[{\"role\":\"%s\",\"node\":%.*s}],\"document\":"
			"{\"digest\":\"%s\",\"origin\":\"%s\",\"format\":\"%s\",\"signer\":\"%s\"}}]}",
			texts[i].json, HM_FMT(node), texts[i].json, texts[i].json, HM_FMT(node),
			texts[i].json, texts[i].json, texts[i].json, texts[i].json);
		struct hm_str html = page_of(cx, "/node/7", node.p, facts.p);
		if (!has(html, texts[i].html))
			fail_msg("%s: not shown as it should be", texts[i].label);
		assert_false(has(html, "<img src=x"));
		assert_false(has(html, "\" onclick"));
		assert_false(has(html, "' onclick"));
		assert_false(has(html, "\u202e"));
		assert_false(has(html, "\u200b"));
		assert_int_equal(memchr(html.p, 0, html.n) != NULL, 0);
	}
}

/* A link goes to a page of ours, whatever a key says. */
static void links_stay_here(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct hm_str html = page_of(
		cx, "/node/7",
		"{\"id\":\"javascript:x\",\"kind\":\"package\",\"key\":\"javascript:alert(1)\","
		"\"purl\":\"pkg:npm/\\\"><b>\",\"digest\":\"//example.com/\\\"\"}",
		"{\"facts\":[],\"next\":\"//x\\\" y\"}");
	for (struct hm_str rest = html; hm_cut_str(&rest, HM_STR("href=\"")).n && rest.n;) {
		assert_true(rest.p[0] == '/' || rest.p[0] == '#');
		assert_true(rest.p[1] != '/');
	}
	assert_false(has(html, "<b>"));
}

static void belief_is_said_in_words(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	static const struct {
		const char *json, *words;
	} cases[] = { { "\"believed\"", ">believed<" },        { "1", ">believed<" },
		      { "\"notBelieved\"", ">not believed<" }, { "2", ">not believed<" },
		      { "\"notAsked\"", ">not checked<" },     { "null", ">not checked<" } };
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		struct hm_str answer = hm_fmt(
			cx,
			"{\"documents\":[{\"digest\":\"sha256:00\",\"format\":\"f\","
			"\"origin\":\"o\",\"belief\":%s,\"taken\":\"2026-01-02T03:04:05Z\"}]}",
			cases[i].json);
		assert_true(has(page_of(cx, "/documents", answer.p, "{}"), cases[i].words));
	}
}

static void shows_why_there_is_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct graph_page_request r = { .given = given };
	struct hm_str html;
	r.fault = hm_hint(cx, hm_fail(cx, HM_ABSENT, "there is no \"<b>\""), "look & see");
	r.view = graph_page_find(cx, HM_STR("/contains"), &r.id);
	assert_null(graph_page_write(cx, &r, &html));
	assert_true(has(html, "there is no &quot;&lt;b&gt;&quot;"));
	assert_true(has(html, "look &amp; see"));
	r.view = NULL;
	assert_null(graph_page_write(cx, &r, &html));
	assert_true(has(html, "There is no such page"));
}

static void a_form_is_kept(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct asked asked[] = { { "package", "pkg:npm/\"a" }, { "running", "true" }, { 0 } };
	struct graph_page_request r = { .given = given, .arg = asked };
	struct hm_str html;
	r.view = graph_page_find(cx, HM_STR("/contains"), &r.id);
	assert_true(graph_page_is_asked(cx, &r));
	assert_null(graph_page_write(cx, &r, &html));
	assert_true(has(html, "value=\"pkg:npm/&quot;a\""));
	assert_true(has(html, "value=\"true\" checked"));
	r.arg = NULL;
	assert_false(graph_page_is_asked(cx, &r));
	assert_null(graph_page_write(cx, &r, &html));
	assert_true(has(html, "Name a package"));
}

#define RELEASE "{\"id\":\"1\",\"kind\":\"artifact\",\"key\":\"sha256:aa\",\"label\":\"sha256:aa\"}"
#define IMAGE \
	"{\"id\":\"2\",\"kind\":\"image\",\"key\":\"r.example/web:1\",\"label\":\"r.example/web:1\"}"
#define PART   "{\"id\":\"3\",\"kind\":\"package\",\"key\":\"pkg:npm/a@1\",\"label\":\"a@1\"}"
#define SIGNER "{\"id\":\"4\",\"kind\":\"identity\",\"key\":\"key:1\",\"label\":\"key:1\"}"
#define SOURCE                                                                                       \
	"{\"digest\":\"sha256:d1\",\"format\":\"SPDX 2.3\",\"origin\":\"o.json\",\"signer\":" SIGNER \
	",\"belief\":\"notBelieved\"}"
#define POD                                                                                       \
	"{\"cluster\":\"prod\",\"namespace\":\"shop\",\"workload\":\"prod/shop/Deployment/web\"," \
	"\"since\":\"2026-01-02T03:04:05Z\",\"artifact\":" RELEASE "}"
#define FACT                                                               \
	"{\"id\":\"9\",\"kind\":\"certifyVEXStatement\",\"subject\":" PART \
	",\"detail\":{\"vexJustification\":"                               \
	"\"COMPONENT_NOT_PRESENT\",\"time\":\"2026-01-02T03:04:05Z\"},\"document\":" SOURCE "}"

/* What a person asks first stands there in words, and no answer is shown as it came. */
static const struct answer_case {
	const char *label, *path, *json;
	const char *shown[8];
} answers[] = {
	{ "a release that is exposed",
	  "/exposed",
	  "{\"names\":[\"CVE-1\",\"GHSA-1\"],\"releases\":[{\"release\":" RELEASE
	  ",\"images\":[" IMAGE "],\"package\":" PART ",\"direct\":false,\"path\":[" RELEASE
	  "," PART "],\"document\":" SOURCE ",\"others\":2,\"running\":[" POD
	  "],\"suppressed\":false,\"severity\":\"critical\",\"fixed\":[\"2\",\"3\"],\"vex\":[],"
	  "\"advisories\":[\"OSV-1: it is affected\"]}]}",
	  { "r.example/web:1", ">transitive<", ">exposed<", ">critical<", "<bdi>3</bdi>",
	    "prod/shop/Deployment/web", "<summary>Why", "OSV-1: it is affected" } },
	{ "one that is not, and why",
	  "/exposed",
	  "{\"releases\":[{\"release\":" RELEASE ",\"package\":" PART
	  ",\"direct\":true,\"document\":" SOURCE
	  ",\"others\":0,\"running\":[],\"suppressed\":true,\"vex\":[{\"status\":\"NOT_AFFECTED\","
	  "\"fact\":" FACT "}]}]}",
	  { ">direct<", ">suppressed<", ">not affected<", "component not present", "not seen",
	    ">not believed<" } },
	{ "a release that contains a package",
	  "/contains",
	  "{\"releases\":[{\"release\":" RELEASE ",\"package\":" PART
	  ",\"direct\":true,\"document\":" SOURCE ",\"others\":0,\"running\":[]}]}",
	  { ">direct<", "not seen", ">Release<" } },
	{ "what hangs on a key",
	  "/expiring",
	  "{\"expiring\":[{\"identity\":" SIGNER
	  ",\"ends\":\"2026-01-02T03:04:05Z\",\"artifacts\":[{\"artifact\":" RELEASE
	  ",\"images\":[" IMAGE "],\"fact\":" FACT ",\"running\":[" POD "]}]}]}",
	  { ">Expiring<", ">Identity<", "2026-01-02 03:04</time>", "r.example/web:1",
	    "prod/shop/Deployment/web" } },
	{ "what runs unproven",
	  "/unproven",
	  "{\"unproven\":[{\"artifact\":" RELEASE ",\"missing\":[\"report\"],\"sbom\":" SOURCE
	  ",\"signature\":" FACT ",\"running\":[" POD "]}]}",
	  { ">SBOM<", "SPDX 2.3", "COMPONENT_NOT_PRESENT", "since 2026-01-02" } },
	{ "a step of a plan",
	  "/plan",
	  "{\"names\":[\"CVE-1\"],\"steps\":[{\"level\":0,\"task\":\"fix\",\"nodes\":[" PART
	  "," IMAGE "]}]}",
	  { ">a@1<", "<ul class=\"inline\">", "<bdi>CVE-1</bdi>" } },
};

static void answers_are_words(void **state)
{
	const struct answer_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct asked asked[] = { { "package", "a" }, { "vulnerability", "a" }, { 0 } };
	struct graph_page_request r = { .given = given, .arg = asked };
	struct hm_str html;
	r.view = graph_page_find(&cx, hm_cstr(t->path), &r.id);
	assert_null(json_parse(&cx, hm_cstr(t->json), JSON_PLAIN, &r.answers[0]));
	assert_null(graph_page_write(&cx, &r, &html));
	for (size_t i = 0; i < HM_LEN(t->shown) && t->shown[i]; i++)
		if (!has(html, t->shown[i]))
			fail_msg("\"%s\" is not shown", t->shown[i]);
	assert_false(has(html, "{&quot;"));
	assert_false(has(html, "[]"));
}

/* What a fact says stands there from where one looks. */
static void facts_have_a_direction(void **state)
{
	static const struct {
		const char *id, *words;
	} cases[] = { { "1", "<td>is signed by</td>" },
		      { "4", "<td>signed</td>" },
		      { "3", "<td>is named in: signed by</td>" } };
	static const char facts[] =
		"{\"facts\":[{\"id\":\"1\",\"kind\":\"signedBy\",\"subject\":" RELEASE
		",\"object\":" SIGNER ",\"links\":[{\"role\":\"r\",\"node\":" PART
		"}],\"document\":" SOURCE "}]}";
	(void)state;
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct hm_str html =
			page_of(&cx, hm_fmt(&cx, "/node/%s", cases[i].id).p, RELEASE, facts);
		if (!has(html, cases[i].words))
			fail_msg("not \"%s\"", cases[i].words);
	}
}

int main(void)
{
	UNIT_TABLE(answers_are_words, answers);
	UNIT(facts_have_a_direction);
	UNIT(every_view_writes);
	UNIT(every_kind_has_an_icon);
	UNIT(every_file_is_whole);
	UNIT(finds);
	UNIT(escapes);
	UNIT(links_stay_here);
	UNIT(belief_is_said_in_words);
	UNIT(shows_why_there_is_nothing);
	UNIT(a_form_is_kept);
	return unit_run("graph/page");
}
